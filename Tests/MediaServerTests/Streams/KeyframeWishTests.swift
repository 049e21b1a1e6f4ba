import Testing

@testable import MediaServer

@Suite struct KeyframeWishTests {
    @Test func itIsRepeatedUntilAKeyframeComes() {
        var wish = KeyframeWish()
        #expect(wish.timerFired(at: .zero) == .nothing)
        #expect(wish.wanted(at: .zero) == .ask)
        #expect(wish.timerFired(at: .seconds(1)) == .ask)
        #expect(wish.timerFired(at: .seconds(2)) == .ask)
        #expect(wish.timerFired(at: .seconds(3)) == .nothing, "whoever follows none is not asked for ever")
        #expect(wish.wanted(at: .seconds(9)) == .ask)
        wish.keyframeCame(at: .milliseconds(9100))
        #expect(wish.timerFired(at: .seconds(10)) == .nothing)
    }

    @Test func manyWishesAreOneRequestASecond() {
        var wish = KeyframeWish()
        var requests: [Int] = []
        for milliseconds in stride(from: 0, to: 3000, by: 10)
        where wish.wanted(at: .milliseconds(milliseconds)) == .ask { requests.append(milliseconds) }
        #expect(requests == [0, 1000, 2000])
    }

    @Test func aKeyframeThatHasJustComeMayBeTheOneThatIsMissed() {
        var wish = KeyframeWish()
        wish.keyframeCame(at: .seconds(5))
        #expect(wish.wanted(at: .milliseconds(5050)) == .wait(.milliseconds(200)))
        #expect(wish.timerFired(at: .milliseconds(5250)) == .ask, "the viewer saw it, and lost it")
        wish.keyframeCame(at: .milliseconds(5300))
        #expect(wish.wanted(at: .milliseconds(5600)) == .wait(.milliseconds(650)))
        // The next comes by itself.
        wish.keyframeCame(at: .milliseconds(5700))
        #expect(wish.timerFired(at: .milliseconds(6250)) == .nothing)
    }
}

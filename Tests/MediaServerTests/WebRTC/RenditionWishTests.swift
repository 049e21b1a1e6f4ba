import Testing

@testable import MediaServer

@Suite struct RenditionWishTests {
    /// A viewer whose line has been so, a look each 100 ms.
    private struct Viewer {
        var wish = RenditionWish()
        var isLowered = false
        private(set) var now: Duration = .zero

        /// What is wished, and after how long.
        struct Wished: Equatable {
            var wish: RenditionWish.Wish
            var after: Duration
            var seconds: Double { (after / .seconds(1)).rounded() }
        }

        mutating func look(_ duration: Duration, isNarrow: Bool) -> Wished? {
            let start = now
            while now - start < duration {
                now += .milliseconds(100)
                if let wished = wish.look(isNarrow: isNarrow, isLowered: isLowered, at: now) {
                    return Wished(wish: wished, after: now - start)
                }
            }
            return nil
        }
    }

    @Test func onlyALineThatStaysNarrowIsWorthALowerOne() {
        var viewer = Viewer()
        for _ in 0..<5 {
            #expect(viewer.look(.seconds(4), isNarrow: true) == nil)
            #expect(viewer.look(RenditionWish.relief + .milliseconds(100), isNarrow: false) == nil)
        }
        let wished = viewer.look(.seconds(10), isNarrow: true)
        #expect(wished == Viewer.Wished(wish: .lower, after: RenditionWish.patience + .milliseconds(100)))
        // Nothing came of it: it is wished again, at the same distance.
        #expect(viewer.look(.seconds(10), isNarrow: true)?.after == RenditionWish.patience)
    }

    /// A line that is nearly wide enough: what is sent grows until it is found to be too narrow again.
    @Test func aMomentOfReliefMakesNoGoodLine() {
        var viewer = Viewer()
        #expect(viewer.look(.seconds(2), isNarrow: true) == nil)
        #expect(viewer.look(.seconds(2), isNarrow: false) == nil)
        #expect(viewer.look(.seconds(2), isNarrow: true)?.wish == .lower)
        // Nor is it good enough for more again.
        viewer.isLowered = true
        for _ in 0..<20 {
            #expect(viewer.look(RenditionWish.firstTrial - .seconds(1), isNarrow: false) == nil)
            #expect(viewer.look(.seconds(1), isNarrow: true) == nil)
        }
    }

    @Test func aTrialThatIsTooMuchEndsSoon() {
        var viewer = Viewer()
        viewer.isLowered = true
        #expect(viewer.look(.seconds(30), isNarrow: false)?.wish == .higher)
        viewer.isLowered = false
        #expect(viewer.look(.seconds(2), isNarrow: false) == nil)
        #expect(
            viewer.look(.seconds(10), isNarrow: true)
                == Viewer.Wished(wish: .lower, after: RenditionWish.trialPatience + .milliseconds(100)))
    }

    @Test func nobodyWishesForMoreThanThereIs() {
        var viewer = Viewer()
        #expect(viewer.look(.seconds(600), isNarrow: false) == nil)
    }

    @Test func eachTrialThatFailsMakesTheNextOneWait() {
        var viewer = Viewer()
        viewer.isLowered = true
        for seconds in [20, 40, 80, 160, 320, 320] as [Double] {
            let higher = viewer.look(.seconds(1000), isNarrow: false)
            #expect(higher?.wish == .higher && higher?.seconds == seconds)
            viewer.isLowered = false
            #expect(viewer.look(.seconds(10), isNarrow: true)?.wish == .lower)
            viewer.isLowered = true
        }
    }

    @Test func aTrialThatLastsIsNoFailure() {
        var viewer = Viewer()
        viewer.isLowered = true
        for _ in 0..<2 {
            #expect(viewer.look(.seconds(1000), isNarrow: false)?.seconds == 20)
            viewer.isLowered = false
            #expect(viewer.look(RenditionWish.trialLimit, isNarrow: false) == nil)
            #expect(viewer.look(.seconds(10), isNarrow: true)?.wish == .lower)
            viewer.isLowered = true
        }
    }
}

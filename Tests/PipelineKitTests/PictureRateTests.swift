import Testing

@testable import PipelineKit

@Suite struct PictureRateTests {
    private let start = ContinuousClock.now

    @Test func aRateIsOneWhenTwoWindowsAgree() throws {
        var rate = PictureRate()
        for index in 0..<60 { rate.note(start + .milliseconds(index * 40)) }
        #expect(rate.framesPerSecond == nil)
        for index in 60..<101 { rate.note(start + .milliseconds(index * 40)) }
        #expect(rate.framesPerSecond == 25)
    }

    @Test func anotherRateIsFollowed() throws {
        var rate = PictureRate()
        for index in 0..<101 { rate.note(start + .milliseconds(index * 40)) }
        for index in 1..<61 { rate.note(start + .milliseconds(4000 + index * 100)) }
        #expect(rate.framesPerSecond == 10)
    }

    @Test func aPauseBelongsToNoRate() {
        var rate = PictureRate()
        for index in 0..<101 { rate.note(start + .milliseconds(index * 40)) }
        rate.note(start + .seconds(6))
        #expect(rate.framesPerSecond == nil)
    }
}

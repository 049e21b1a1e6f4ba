import MediaKit
import Testing

@testable import PipelineKit

@Suite struct SoundLineTests {
    private let origin = MonotonicInstant.now
    private let frame = Duration.milliseconds(20)

    private func line(count: Int64 = 48_000) -> SoundLine {
        var line = SoundLine(origin: origin, sampleRate: 48_000)
        line.count = count
        return line
    }

    @Test func whatFollowsIsTakenAsItIs() {
        #expect(line().end == origin + .seconds(1))
        for drift in [-1, 0, 1] {
            let placement = line().placement(of: origin + .milliseconds(1000 + drift), lasting: frame)
            #expect(placement == SoundLine.Placement())
        }
    }

    @Test func whatIsMissingBecomesSilence() {
        #expect(line().placement(of: origin + .milliseconds(1020), lasting: frame).silence == 960)
        #expect(line().placement(of: origin + .seconds(11), lasting: frame).silence == 480_000)
    }

    @Test func whatWasHeardIsNotHeardAgain() {
        #expect(line().placement(of: origin + .milliseconds(984), lasting: frame).skip == .milliseconds(16))
        #expect(line().placement(of: origin, lasting: frame).skip == frame)
    }

    /// A fast clock and a slow one are followed within a second, and nothing is cut.
    @Test func driftIsStretched() {
        #expect(line().placement(of: origin + .milliseconds(1005), lasting: frame) == .init(stretch: 240))
        #expect(line().placement(of: origin + .milliseconds(995), lasting: frame) == .init(stretch: -240))
    }

    /// As the resampler would do it: at most by its limit, of which a fiftieth of a second has its part.
    @Test(arguments: [1.0005, 0.9995, 1.002, 0.998])
    func aClockThatDriftsForAnHourStaysWithin(speed: Double) {
        var line = SoundLine(origin: origin, sampleRate: 8000)
        var exact = 0.0
        var largest = Duration.zero
        for number in 0..<(3600 * 50) {
            let start = origin + .seconds(Double(number) * 0.02 * speed)
            let placement = line.placement(of: start, lasting: frame)
            #expect(placement.silence == 0 && placement.skip == .zero)
            let limit = 8000 * SoundResampler.maximumStretch
            exact += 160 + min(max(Double(placement.stretch), -limit), limit) / 50
            line.count = Int64(exact)
            let error = line.end.duration(to: start + frame)
            largest = max(largest, error < .zero ? .zero - error : error)
        }
        #expect(largest < .milliseconds(5))
    }

    @Test func silenceIsMadeAFrameAtATime() {
        #expect(line().silence(until: origin + .milliseconds(1019)) == 0)
        #expect(line().silence(until: origin + .milliseconds(1020)) == 960)
        #expect(line().silence(until: origin) == 0)
    }

    @Test func patienceIsWhatSoundNeededLately() {
        var patience = SoundPatience()
        #expect(patience.duration == SoundPatience.shortest)
        patience.heard(origin, at: origin + .milliseconds(50))
        #expect(patience.duration == SoundPatience.shortest)
        // A segment of two seconds that came at once.
        patience.heard(origin, at: origin + .seconds(2))
        #expect(patience.duration == .milliseconds(2560))
        patience.heard(origin, at: origin + .seconds(9))
        #expect(patience.duration == SoundPatience.longest)
        // It is remembered for a while, and forgotten then.
        for second in 10..<19 { patience.heard(origin + .seconds(second), at: origin + .seconds(second)) }
        #expect(patience.duration == SoundPatience.longest)
        for second in 19..<40 { patience.heard(origin + .seconds(second), at: origin + .seconds(second)) }
        #expect(patience.duration == SoundPatience.shortest)
    }
}

import StreamProtocols
import TestSupport
import Testing

@Suite struct DecodeTimeEstimatorTests {
    @Test func equalsPresentationTimeWithoutReordering() {
        var estimator = DecodeTimeEstimator(reorderDepth: 0, frameDuration: 3600)
        let times: [Int64] = [900_000, 903_600, 907_200, 915_000]
        #expect(times.map { estimator.decodeTime(forPresentationTime: $0) } == times)
    }

    /// The pts and dts that `ffprobe -show_packets` lists, less the first pts, for what FFmpeg 5.1 makes of
    /// `testsrc2=r=25 -c:v libx264 -bf 2 -b_strategy 0 -x264-params b-pyramid=none:scenecut=0 -f mpegts`.
    @Test func ordersBFrames() {
        var estimator = DecodeTimeEstimator(reorderDepth: 1, frameDuration: 3600)
        let presentation: [Int64] = [0, 10_800, 3600, 7200, 21_600, 14_400, 18_000]
        let decode = presentation.map { estimator.decodeTime(forPresentationTime: $0) }
        #expect(decode == [-3600, 0, 3600, 7200, 10_800, 14_400, 18_000])
    }

    @Test func learnsReorderingThatWasNotAnnounced() {
        var estimator = DecodeTimeEstimator(reorderDepth: 0, frameDuration: 3600)
        var presentation: [Int64] = []
        for group in stride(from: Int64(0), to: 216_000, by: 10_800) {
            presentation += [group + 10_800, group + 3600, group + 7200]
        }
        let decode = presentation.map { estimator.decodeTime(forPresentationTime: $0) }
        #expect(zip(decode, decode.dropFirst()).allSatisfy { $0 < $1 })
        #expect(zip(decode, presentation).dropFirst(6).allSatisfy { $0 <= $1 })
    }

    /// One picture that is said to be shown before its predecessors must not hold back all that follow.
    @Test func oneOddTimestampIsForgotten() {
        var estimator = DecodeTimeEstimator(reorderDepth: 0, frameDuration: 3600)
        var delays: [Int64] = []
        for number in Int64(0)..<400 {
            let presentation = number * 3600 - (number == 20 ? 45_000 : 0)
            delays.append(presentation - estimator.decodeTime(forPresentationTime: presentation))
        }
        #expect(delays.allSatisfy { $0 < 2 * 3600 }, "one picture is held back")
        #expect(delays.suffix(100).allSatisfy { $0 == 0 })
    }

    @Test func neverRunsBackwardsWhateverComes() {
        var generator = SeededGenerator(seed: 1)
        var estimator = DecodeTimeEstimator(reorderDepth: 99, frameDuration: 0)
        var last = Int64.min
        for _ in 0..<2000 {
            let time = estimator.decodeTime(forPresentationTime: Int64(generator.next() % 1_000_000))
            #expect(time > last)
            last = time
        }
    }
}

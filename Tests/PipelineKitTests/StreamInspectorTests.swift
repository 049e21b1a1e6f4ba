import MediaKit
import StreamModel
import Testing

@testable import PipelineKit

@Suite struct StreamInspectorTests {
    private func packet(_ bytes: [UInt8], at seconds: Double, keyframe: Bool = false) throws -> EncodedPacket {
        let time = MediaTime(.seconds(seconds))
        return try EncodedPacket(bytes: bytes, isKeyframe: keyframe, presentationTime: time, decodeTime: time)
    }

    /// Slice headers by ITU-T H.264 §7.3.3: first_mb_in_slice ue(0) = `1`, then slice_type (table 7-6).
    @Test(
        arguments: [
            // ue(1), B: 010
            ([0x41, 0b1010_1000], true),
            // ue(6), B in the whole picture: 00111
            ([0x41, 0b1001_1110], true),
            // ue(0), P: 1
            ([0x41, 0b1110_0000], false),
            // ue(7), I in the whole picture: 0001000
            ([0x65, 0b1000_1000, 0x80], false),
        ] as [([UInt8], Bool)])
    func findsBFramesBySliceType(_ nalUnit: [UInt8], _ expected: Bool) throws {
        var startCodes = StreamInspector(codec: "h264", extradata: [0, 0, 0, 1, 0x67])
        startCodes.inspect(try packet([0, 0, 0, 1] + nalUnit, at: 0))
        #expect(startCodes.hasBFrames == expected)
        // avcC, version 1, NAL unit lengths of four bytes (ISO/IEC 14496-15 §5.3.3.1).
        var lengths = StreamInspector(codec: "h264", extradata: [1, 0x64, 0, 0x1F, 0xFF, 0xE1])
        lengths.inspect(try packet([0, 0, 0, UInt8(nalUnit.count)] + nalUnit, at: 0))
        #expect(lengths.hasBFrames == expected)
    }

    @Test func measuresRateAndKeyframes() throws {
        var inspector = StreamInspector(codec: "h264", extradata: [])
        for index in 0...100 {
            inspector.inspect(
                try packet([0, 0, 1, 0x41, 0xE0], at: Double(index) / 25, keyframe: index % 50 == 0))
        }
        #expect(inspector.framesPerSecond.map { abs($0 - 25) < 0.001 } == true)
        #expect(inspector.keyframeIntervalSeconds.map { abs($0 - 2) < 0.001 } == true)
        #expect(inspector.hasBFrames == false)
    }

    @Test func onePacketMeasuresNothing() throws {
        var inspector = StreamInspector(codec: "hevc", extradata: [])
        inspector.inspect(try packet([1, 2, 3], at: 0, keyframe: true))
        #expect(inspector.framesPerSecond == nil)
        #expect(inspector.keyframeIntervalSeconds == nil)
        #expect(inspector.hasBFrames == nil)
    }

    @Test func theSentenceSaysWhatMatters() {
        var result = CameraTestResult(ok: true, message: "")
        result.codec = "h264"
        result.width = 1920
        result.height = 1080
        result.fps = 25.000001
        result.keyframeIntervalSeconds = 1.96
        result.hasBFrames = false
        #expect(CameraTest.sentence(result) == "H264 1920×1080 at 25 fps, a keyframe every 2 s, no B-frames, no sound.")
        result.fps = 12.5
        result.audio = AudioSummary(codec: "aac", sampleRate: 48_000, channels: 2)
        #expect(CameraTest.sentence(result).contains("at 12.5 fps"))
        #expect(CameraTest.sentence(result).hasSuffix("with sound (aac)."))
    }
}

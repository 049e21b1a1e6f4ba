import Testing

@testable import MediaKit

/// H.265 keeps the same promises as H.264.
@Suite struct H265EncoderTests {
    /// NAL unit types of ITU-T H.265 table 7-1: the header's first byte holds them behind one bit.
    private func types(_ bytes: [UInt8]) -> [UInt8] {
        (0..<max(bytes.count - 3, 0)).filter { bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1 }
            .map { bytes[$0 + 3] >> 1 & 0x3F }
    }

    @Test(arguments: [nil, 500]) func eachPictureComesOutAtOnceAndKeyframesCanBeForced(bitrateKbps: Int?) async throws {
        try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            let encoder = try Encoder(
                settings: EncoderSettings(
                    codec: .h265, width: 320, height: 240, fps: 25, bitrateKbps: bitrateKbps, effort: .fastest))
            #expect(encoder.streamInfo.codec == "hevc")
            for number in 0..<60 {
                let time = source.presentationTime(ofFrame: number)
                let packets = try encoder.encode(
                    source.frame(number: number), presentationTime: time, forceKeyframe: number == 40)
                #expect(packets.count == 1)
                #expect(packets.first?.presentationTime == time && packets.first?.decodeTime == time)
                let isKeyframe = [0, 25, 40].contains(number)
                #expect(packets.first?.isKeyframe == isKeyframe, "picture \(number)")
                let found = types(packets.first?.bytes ?? [])
                // VPS, SPS, PPS and an IDR picture (19, 20): nothing before it is needed.
                #expect([32, 33, 34].allSatisfy(found.contains) == isKeyframe)
                #expect(found.contains { $0 == 19 || $0 == 20 } == isKeyframe)
            }
            #expect(try encoder.finish().isEmpty)
        }
    }

    @Test func keyframesByCount() async throws {
        let keyframes = try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            let encoder = try Encoder(
                settings: EncoderSettings(
                    codec: .h265, width: 320, height: 240, fps: 25, effort: .fastest, keyframeInterval: .frames(12)))
            return try (0..<30).flatMap { number in
                try encoder.encode(
                    source.frame(number: number), presentationTime: source.presentationTime(ofFrame: number))
            }.enumerated().filter { $0.element.isKeyframe }.map(\.offset)
        }
        #expect(keyframes == [0, 12, 24])
    }
}

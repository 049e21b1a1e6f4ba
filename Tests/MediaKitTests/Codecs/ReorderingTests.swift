import TestSupport
import Testing

@testable import MediaKit

/// B-frames, looked for in the bitstream and in the times of the packets, of each codec that has them.
@Suite struct ReorderingTests {
    private static let codecs: [Encoder.Codec] = [.h264, .h265]

    private static func settings(_ codec: Encoder.Codec, bFrames: Int) -> EncoderSettings {
        var settings = EncoderSettings(codec: codec, width: 320, height: 240, fps: 25, bitrateKbps: 600)
        settings.bFrames = bFrames
        return settings
    }

    /// The packets of so many pictures, and after how many pictures the first came.
    private func encode(
        _ settings: EncoderSettings, count: Int, keyframeAt forced: Int? = nil
    ) throws -> (packets: [EncodedPacket], delay: Int) {
        let source = try DemoSource(width: settings.width, height: settings.height)
        let encoder = try Encoder(settings: settings)
        var packets: [EncodedPacket] = []
        var delay = 0
        for number in 0..<count {
            packets += try encoder.encode(
                source.frame(number: number), presentationTime: source.presentationTime(ofFrame: number),
                forceKeyframe: number == forced)
            if packets.isEmpty { delay += 1 }
        }
        return (try packets + encoder.finish(), delay)
    }

    @Test("pictures come in the order in which they are decoded", arguments: codecs)
    func order(codec: Encoder.Codec) async throws {
        let settings = Self.settings(codec, bFrames: 2)
        let (packets, delay) = try await onThread { try encode(settings, count: 60, keyframeAt: 40) }
        let shown = packets.compactMap { $0.presentationTime?.ticks }
        let decoded = packets.compactMap { $0.decodeTime?.ticks }
        #expect(shown.sorted() == (0..<60).map { Int64($0) * 3600 }, "each picture once")
        #expect(zip(decoded, decoded.dropFirst()).allSatisfy(<))
        #expect(zip(shown, decoded).allSatisfy(>=), "shown after it was decoded")
        #expect(zip(shown, shown.dropFirst()).contains(where: >), "nothing is reordered")
        // What a viewer waits for.
        #expect(delay >= 1 && delay <= (codec == .h264 ? 3 : 10), "\(delay)")
        // A keyframe is where it was asked for, and nothing before it is shown after it.
        let keyframes = packets.indices.filter { packets[$0].isKeyframe }
        #expect(keyframes.map { shown[$0] / 3600 } == [0, 25, 40])
        for place in keyframes { #expect(shown[..<place].allSatisfy { $0 < shown[place] }) }
    }

    @Test("what comes out is decoded, every picture of it", arguments: codecs)
    func decoding(codec: Encoder.Codec) async throws {
        let settings = Self.settings(codec, bFrames: 3)
        let count = try await onThread {
            let (packets, _) = try encode(settings, count: 50)
            let decoder = try Decoder(stream: Encoder(settings: settings).streamInfo)
            let shown = try Samples.decode(packets, with: decoder)
            try decoder.finish()
            return try shown.count + Samples.drain(decoder).count
        }
        #expect(count == 50)
    }

    @Test("without them each picture comes out at once", arguments: codecs)
    func none(codec: Encoder.Codec) async throws {
        let settings = Self.settings(codec, bFrames: 0)
        let (packets, delay) = try await onThread { try encode(settings, count: 30) }
        #expect(delay == 0 && packets.allSatisfy { $0.presentationTime == $0.decodeTime })
    }

    @Test("H.265: each picture has as many slices as are asked for", arguments: [1, 4])
    func slices(count: Int) async throws {
        let settings = EncoderSettings(codec: .h265, width: 640, height: 480, fps: 25)
        let packets = try await onThread {
            var settings = settings
            settings.slices = count
            return try encode(settings, count: 10).packets
        }
        for packet in packets {
            let bytes = packet.bytes
            let units = (0..<bytes.count - 3).filter { bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1 }
            // H.265 table 7-1: below 32 are slices.
            #expect(units.count { bytes[$0 + 3] >> 1 & 0x3F < 32 } == count)
        }
    }

    @Test("H.265: a constant bitrate is kept within 5 %", arguments: [true, false])
    func constantBitrate(isNoise: Bool) async throws {
        var settings = EncoderSettings(
            codec: .h265, width: 320, height: 240, fps: 25, bitrateKbps: 1000, effort: .fastest)
        settings.isConstantBitrate = true
        let rate = try await onThread { [settings] in try Samples.kilobits(settings, isNoise: isNoise) }
        #expect(abs(rate - 1000) < 50, "\(rate) kb/s")
    }

    @Test("H.265: a variable bitrate of pictures that need more is kept within 5 %")
    func variableBitrate() async throws {
        let settings = EncoderSettings(
            codec: .h265, width: 320, height: 240, fps: 25, bitrateKbps: 1000, effort: .fastest)
        let rate = try await onThread { try Samples.kilobits(settings, isNoise: true) }
        #expect(abs(rate - 1000) < 50, "\(rate) kb/s")
    }
}

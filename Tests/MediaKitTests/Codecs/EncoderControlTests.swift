import TestSupport
import Testing

@testable import MediaKit

/// What is asked of the encoder is looked for in its bitstream.
@Suite struct EncoderControlTests {
    private static func settings(
        bitrateKbps: Int? = nil, _ change: (inout EncoderSettings) -> Void = { _ in }
    ) -> EncoderSettings {
        var settings = EncoderSettings(width: 320, height: 240, fps: 25, bitrateKbps: bitrateKbps)
        change(&settings)
        return settings
    }

    /// The NAL units of an Annex B stream (H.264 B.1), without their start codes.
    private func units(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        let starts = (0..<max(bytes.count - 3, 0)).filter {
            bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1
        }
        return starts.indices.map { index in
            bytes[(starts[index] + 3)..<(index + 1 < starts.count ? starts[index + 1] : bytes.count)]
        }
    }

    private func types(_ packet: EncodedPacket) -> [UInt8] {
        units(packet.bytes).compactMap { $0.first.map { $0 & 0x1f } }
    }

    @Test(
        "the profile is that of the sequence parameter set",
        arguments: [
            (EncoderSettings.Profile.baseline, UInt8(66)), (.main, 77), (.high, 100),
        ])
    func profile(_ profile: EncoderSettings.Profile, profileIDC: UInt8) async throws {
        let settings = Self.settings { $0.profile = profile }
        let packets = try await onThread { try Samples.packets(count: 1, settings: settings) }
        // H.264 7.3.2.1.1: profile_idc is the first byte after the NAL unit's header.
        let sps = try #require(packets.first.flatMap { units($0.bytes).first { $0.first.map { $0 & 0x1f } == 7 } })
        #expect(sps.dropFirst().first == profileIDC)
    }

    @Test("each picture has as many slices as are asked for", arguments: [1, 4, 8])
    func slices(_ count: Int) async throws {
        let settings = Self.settings { $0.slices = count }
        let packets = try await onThread { try Samples.packets(count: 30, settings: settings) }
        #expect(packets.allSatisfy { types($0).count { $0 == 1 || $0 == 5 } == count })
    }

    @Test("an intra-refresh has one IDR picture, and a recovery point in each period")
    func intraRefresh() async throws {
        let settings = Self.settings { $0.keyframeInterval = .refresh(20) }
        let packets = try await onThread { try Samples.packets(count: 100, settings: settings) }
        #expect(packets.indices.filter { types(packets[$0]).contains(5) } == [0])
        // H.264 D.1.7: recovery_point is SEI payload type 6.
        let recoveryPoints = packets.indices.filter { index in
            units(packets[index].bytes).contains { $0.starts(with: [6, 6]) }
        }
        #expect(recoveryPoints.count >= 4)
        #expect(zip(recoveryPoints, recoveryPoints.dropFirst()).allSatisfy { $1 - $0 <= 21 })
    }

    @Test("a keyframe that is requested is an IDR picture, also within an intra-refresh")
    func requestedKeyframe() async throws {
        let settings = Self.settings { $0.keyframeInterval = .refresh(50) }
        let packets = try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            let encoder = try Encoder(settings: settings)
            return try (0..<20).flatMap { number in
                try encoder.encode(
                    source.frame(number: number), presentationTime: source.presentationTime(ofFrame: number),
                    forceKeyframe: number == 10)
            }
        }
        #expect(packets.indices.filter { types(packets[$0]).contains(5) } == [0, 10])
    }

    /// Of pictures that need far more, and of pictures that need next to nothing.
    @Test("a constant bitrate is kept within 5 %", arguments: [true, false])
    func constantBitrate(isNoise: Bool) async throws {
        let settings = Self.settings(bitrateKbps: 1000) { $0.isConstantBitrate = true }
        let kilobits = try await onThread { try Samples.kilobits(settings, isNoise: isNoise) }
        #expect(abs(kilobits - 1000) < 50, "\(kilobits) kb/s")
    }

    /// Encodes ten seconds of noise, changes the settings, and encodes ten more.
    ///
    /// - Returns: kb/s of the last nine seconds of each half, and the pictures of the second half that are keyframes.
    private static func changed(
        _ before: EncoderSettings, to after: EncoderSettings
    ) throws -> (kilobits: [Double], keyframes: [Int]) {
        let encoder = try Encoder(settings: before)
        var generator = SeededGenerator(seed: 5)
        let pictures = try (0..<5).map { _ in try Samples.noise(width: 320, height: 240, using: &generator) }
        var bytes = [0, 0]
        var keyframes: [Int] = []
        for number in 0..<500 {
            let (half, place) = number.quotientAndRemainder(dividingBy: 250)
            if number == 250 {
                #expect(encoder.reconfigure(after))
                #expect(encoder.settings == after)
            }
            let packets = try encoder.encode(
                pictures[number % pictures.count], presentationTime: MediaTime(.milliseconds(40 * number)))
            #expect(packets.count == 1, "a picture is missing")
            if half == 1, packets.contains(where: \.isKeyframe) { keyframes.append(place) }
            if place >= 25 { bytes[half] += packets.reduce(0) { $0 + $1.byteCount } }
        }
        return (bytes.map { Double($0 * 8) / 1000 / 9 }, keyframes)
    }

    @Test(
        "a running encoder takes on another constant bitrate, without a keyframe",
        arguments: [(600, 1800), (1800, 600)])
    func anotherConstantBitrate(before: Int, after: Int) async throws {
        let settings = [before, after].map { bitrate in
            Self.settings(bitrateKbps: bitrate) {
                $0.isConstantBitrate = true
                $0.keyframeInterval = .frames(1000)
            }
        }
        let found = try await onThread { try Self.changed(settings[0], to: settings[1]) }
        #expect(abs(found.kilobits[0] / Double(before) - 1) < 0.05, "\(found.kilobits)")
        #expect(abs(found.kilobits[1] / Double(after) - 1) < 0.05, "\(found.kilobits)")
        #expect(found.keyframes.isEmpty)
    }

    @Test("a running encoder takes on another peak")
    func anotherPeak() async throws {
        let settings = [1200, 500].map { peak in
            Self.settings { settings in
                settings.peakBitrateKbps = peak
                settings.keyframeInterval = .frames(1000)
            }
        }
        let found = try await onThread { try Self.changed(settings[0], to: settings[1]) }
        #expect(abs(found.kilobits[0] / 1200 - 1) < 0.1 && abs(found.kilobits[1] / 500 - 1) < 0.1, "\(found.kilobits)")
        #expect(found.keyframes.isEmpty)
    }

    @Test(
        "what a running encoder can't take on needs another one",
        arguments: [
            settings(bitrateKbps: 700), settings(bitrateKbps: 600) { $0.fps = 12 }, settings(),
            settings(bitrateKbps: 600) { $0.isConstantBitrate = true }, settings(bitrateKbps: 600) { $0.slices = 2 },
        ])
    func needsAnother(_ settings: EncoderSettings) async throws {
        let before = Self.settings(bitrateKbps: 600)
        let kept = try await onThread {
            let encoder = try Encoder(settings: before)
            return (encoder.reconfigure(settings), encoder.settings)
        }
        #expect(!kept.0 && kept.1 == before)
    }

    @Test("a peak above the bitrate lets a hard passage have more")
    func peak() async throws {
        let narrow = Self.settings(bitrateKbps: 300)
        let wide = Self.settings(bitrateKbps: 300) { $0.peakBitrateKbps = 1200 }
        let sizes = try await onThread {
            try [narrow, wide].map { settings in
                let encoder = try Encoder(settings: settings)
                let still = try DemoSource(width: 320, height: 240).frame(number: 0)
                var generator = SeededGenerator(seed: 5)
                var bytes = 0
                for number in 0..<200 {
                    let isHard = number >= 150
                    let picture = isHard ? try Samples.noise(width: 320, height: 240, using: &generator) : still
                    let packets = try encoder.encode(picture, presentationTime: MediaTime(.milliseconds(40 * number)))
                    if isHard { bytes += packets.reduce(0) { $0 + $1.byteCount } }
                }
                return bytes
            }
        }
        #expect(sizes[1] > sizes[0] * 3 / 2, "\(sizes)")
    }

    @Test(
        "what can't be had is refused",
        arguments: [
            settings { $0.slices = 0 }, settings { $0.slices = 17 }, settings { $0.isConstantBitrate = true },
            settings { $0.keyframeInterval = .refresh(0) }, settings { $0.bFrames = 5 },
            settings {
                $0.codec = .h265
                $0.keyframeInterval = .refresh(20)
            },
        ])
    func refusals(_ settings: EncoderSettings) throws {
        #expect(try errorKind { _ = try Encoder(settings: settings) } == .unsupported)
    }
}

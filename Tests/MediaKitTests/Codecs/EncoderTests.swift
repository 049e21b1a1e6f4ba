import TestSupport
import Testing

@testable import MediaKit

@Suite struct EncoderTests {
    /// NAL unit types of ITU-T H.264 table 7-1.
    private enum NAL {
        static let slice: UInt8 = 1
        static let idrSlice: UInt8 = 5
        static let sps: UInt8 = 7
        static let pps: UInt8 = 8
    }

    /// Types of the NAL units of an Annex B stream (H.264 B.1), in order.
    private func types(_ bytes: [UInt8]) -> [UInt8] {
        (0..<max(bytes.count - 3, 0)).filter { bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1 }
            .map { bytes[$0 + 3] & 0x1f }
    }

    private func settings(_ change: (inout EncoderSettings) -> Void = { _ in }) -> EncoderSettings {
        var settings = EncoderSettings(width: 320, height: 240, fps: 25)
        change(&settings)
        return settings
    }

    @Test func eachPictureComesOutAtOnceInOrder() async throws {
        let settings = settings()
        try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            let encoder = try Encoder(settings: settings)
            for number in 0..<60 {
                let captured = ContinuousClock.now
                let time = source.presentationTime(ofFrame: number)
                let packets = try encoder.encode(
                    source.frame(number: number, captureTime: captured), presentationTime: time)
                #expect(packets.count == 1)
                #expect(packets.first?.presentationTime == time)
                #expect(packets.first?.decodeTime == time)
                #expect(packets.first?.timeBase == .mpeg)
                #expect(packets.first?.arrivalTime == captured)
            }
            #expect(try encoder.finish().isEmpty)
        }
    }

    @Test func keyframesRepeatTheParameterSets() async throws {
        let packets = try await onThread { try Samples.packets(count: 76) }
        #expect(packets.indices.filter { packets[$0].isKeyframe } == [0, 25, 50, 75])
        for packet in packets {
            let found = types(packet.bytes)
            #expect(found.contains(NAL.sps) == packet.isKeyframe)
            #expect(found.contains(NAL.pps) == packet.isKeyframe)
            // One slice a picture: slices cost quality.
            #expect(
                found.filter { $0 == NAL.slice || $0 == NAL.idrSlice } == [packet.isKeyframe ? NAL.idrSlice : NAL.slice]
            )
        }
    }

    /// Decoding from the second keyframe on gives the very pictures that decoding from the first one gives.
    @Test func groupsOfPicturesAreClosed() async throws {
        try await onThread {
            let packets = try Samples.packets(count: 60)
            let all = try Samples.decode(packets, with: Decoder(stream: Samples.streamInfo()))
            let late = try Decoder(stream: Samples.streamInfo())
            let tail = try Samples.decode(Array(packets[25...]), with: late)
            try #require(all.count == 60)
            #expect(tail.count == 35)
            #expect(late.corruptCount == 0)
            for (a, b) in zip(all[25...], tail) {
                #expect(samples(of: a, plane: 0) == samples(of: b, plane: 0))
            }
        }
    }

    @Test func aKeyframeCanBeForced() async throws {
        let settings = settings()
        let keyframes = try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            let encoder = try Encoder(settings: settings)
            return try (0..<40).flatMap { number in
                try encoder.encode(
                    source.frame(number: number), presentationTime: source.presentationTime(ofFrame: number),
                    forceKeyframe: number == 7)
            }.enumerated().filter { $0.element.isKeyframe }.map(\.offset)
        }
        // The next regular one comes one interval after the forced one.
        #expect(keyframes == [0, 7, 32])
    }

    @Test func keyframesComeByTimeWhenFramesComeSlowly() async throws {
        let settings = settings { $0.keyframeInterval = .duration(.seconds(2)) }
        let keyframes = try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            let encoder = try Encoder(settings: settings)
            return try (0..<30).flatMap { number in
                // Five frames a second into an encoder set to 25.
                try encoder.encode(
                    source.frame(number: number), presentationTime: MediaTime(.milliseconds(200 * number)))
            }.enumerated().filter { $0.element.isKeyframe }.map(\.offset)
        }
        #expect(keyframes == [0, 10, 20])
    }

    @Test func keyframesByCount() async throws {
        let settings = settings { $0.keyframeInterval = .frames(12) }
        let packets = try await onThread { try Samples.packets(count: 30, settings: settings) }
        #expect(packets.indices.filter { packets[$0].isKeyframe } == [0, 12, 24])
    }

    @Test func timesThatDoNotAdvanceAreMoved() async throws {
        let settings = settings()
        let times = try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            let encoder = try Encoder(settings: settings)
            return try [1000, 1000, 500, 5000].flatMap { ticks in
                try encoder.encode(
                    source.frame(number: 0), presentationTime: MediaTime(ticks: ticks, timeBase: .mpeg))
            }.map { $0.presentationTime?.ticks }
        }
        #expect(times == [1000, 1001, 1002, 5000])
    }

    @Test func theCounterSurvivesALowBitrateAndTheBitrateIsKept() async throws {
        let settings = EncoderSettings(width: 1280, height: 720, fps: 25, bitrateKbps: 300)
        try await onThread {
            let packets = try Samples.packets(count: 150, settings: settings)
            let frames = try Samples.decode(
                packets, with: Decoder(stream: Samples.streamInfo(width: 1280, height: 720)))
            #expect(frames.map { FrameCounter.read(from: $0) } == (0..<150).map { UInt32($0) })
            let kilobits = packets.reduce(0) { $0 + $1.byteCount } * 8 / 1000
            // Six seconds; the ceiling is 330 kb/s over a buffer of 600 kb.
            #expect(kilobits <= 330 * 6 + 600)
        }
    }

    /// x264 gives each picture its share of the bitrate, by the rate that it was told.
    @Test func theBitrateHoldsAtTheRateThatPicturesComeAt() async throws {
        let kilobits = try await onThread {
            let encoder = try Encoder(settings: EncoderSettings(width: 320, height: 240, fps: 12, bitrateKbps: 300))
            var generator = SeededGenerator(seed: 5)
            var bytes = 0
            for number in 0..<120 {
                let noise = try Samples.noise(width: 320, height: 240, using: &generator)
                for packet in try encoder.encode(noise, presentationTime: MediaTime(.seconds(Double(number) / 12))) {
                    bytes += packet.byteCount
                }
            }
            return Double(bytes * 8) / 1000
        }
        #expect(abs(kilobits / 10 - 300) < 45, "\(kilobits / 10) kb/s")
    }

    @Test func theStreamSaysWhatItsColoursMean() async throws {
        try await onThread {
            let colour = PictureColour(matrix: .bt601, isFullRange: true)
            let settings = EncoderSettings(width: 320, height: 240, fps: 25, colour: colour)
            let picture = try PlaceholderImage.frame(width: 320, height: 240, colour: .gray, encodedAs: colour)
            let encoder = try Encoder(settings: settings)
            let packets = try encoder.encode(picture, presentationTime: MediaTime(.zero))
            let frame = try #require(try Samples.decode(packets, with: Decoder(stream: Samples.streamInfo())).first)
            #expect(frame.colourTags == "pc smpte170m unknown unknown")
            let luma = Int(samples(of: frame, plane: 0)[100][100])
            #expect(abs(luma - 127) <= 1)
            let other = try PlaceholderImage.frame(width: 320, height: 240, colour: .gray)
            #expect(
                try errorKind { _ = try encoder.encode(other, presentationTime: MediaTime(.seconds(1))) }
                    == .unsupported)
        }
    }

    @Test func theStreamSaysWhatItIs() async throws {
        try await onThread {
            let packets = try Samples.packets(
                count: 2, settings: EncoderSettings(width: 640, height: 360, fps: 12, profile: .main))
            let directory = try TemporaryDirectory()
            let path = directory.path + "/x.mp4"
            let muxer = try Muxer(
                destination: path, format: .mp4, video: Samples.streamInfo(width: 640, height: 360, fps: 12))
            for packet in packets { try muxer.write(packet) }
            try muxer.finish()
            let video = try Demuxer(url: MediaURL("file://" + path)).requireVideo()
            #expect(video.width == 640)
            #expect(video.height == 360)
            #expect(!video.hasReorderedFrames)
            // ISO/IEC 14496-15 §5.3.3.1: avcC holds the profile in its second byte; 77 is Main (H.264 A.2.2).
            #expect(video.extradata.dropFirst().first == 77)
            let frame = try #require(
                try Samples.decode(packets, with: Decoder(stream: Samples.streamInfo())).first)
            #expect(frame.colourTags == "tv bt709 bt709 bt709")
        }
    }

    @Test(arguments: [
        EncoderSettings(width: 321, height: 240, fps: 25), EncoderSettings(width: 320, height: 8, fps: 25),
        EncoderSettings(width: 320, height: 240, fps: 0),
        EncoderSettings(width: 320, height: 240, fps: 25, bitrateKbps: 63),
        EncoderSettings(width: 16384, height: 16384, fps: 25),
        EncoderSettings(width: 320, height: 240, fps: 25, keyframeInterval: .frames(0)),
        EncoderSettings(width: 320, height: 240, fps: 25, keyframeInterval: .duration(.zero)),
        EncoderSettings(width: 320, height: 240, fps: 25, threads: 0),
    ])
    func impossibleSettingsAreRefused(settings: EncoderSettings) throws {
        #expect(try errorKind { _ = try Encoder(settings: settings) } == .unsupported)
    }

    @Test func aPictureOfAnotherSizeIsRefused() async throws {
        let settings = settings()
        try await onThread {
            let encoder = try Encoder(settings: settings)
            let frame = try DemoSource(width: 640, height: 480).frame(number: 0)
            #expect(try errorKind { _ = try encoder.encode(frame, presentationTime: MediaTime(.zero)) } == .unsupported)
        }
    }

    /// Contract B.3: maxrate round(1.1·B), bufsize max(2·B, 512).
    @Test(arguments: [(800, 880, 1600), (100, 110, 512), (64, 70, 512), (2500, 2750, 5000)])
    func rateLimitsFollowTheContract(bitrate: Int, maximum: Int, buffer: Int) {
        let settings = EncoderSettings(width: 640, height: 360, fps: 30, bitrateKbps: bitrate)
        #expect(settings.maximumRateKbps == maximum)
        #expect(settings.bufferKbits == buffer)
    }
}

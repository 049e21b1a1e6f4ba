import Glibc
import TestSupport
import Testing

@testable import MediaKit

@Suite struct DecoderTests {
    @Test func roundTripKeepsPicturesAndTimes() async throws {
        try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            let encoder = try Encoder(settings: EncoderSettings(width: 320, height: 240, fps: 25))
            let decoder = try Decoder(stream: encoder.streamInfo)
            for number in 0..<50 {
                let original = try source.frame(number: number, captureTime: .now - .milliseconds(number))
                let packets = try encoder.encode(
                    original, presentationTime: source.presentationTime(ofFrame: number))
                let frames = try Samples.decode(packets, with: decoder)
                // No picture is held back.
                #expect(frames.count == 1)
                let frame = try #require(frames.first)
                #expect(frame.presentationTime == original.presentationTime)
                #expect(frame.captureTime == original.captureTime)
                #expect(frame.pixelFormat == "yuv420p")
                #expect(frame.isKeyframe == (number % 25 == 0))
                #expect(FrameCounter.read(from: frame) == UInt32(number))
                #expect(psnr(samples(of: original, plane: 0), samples(of: frame, plane: 0)) > 30)
            }
        }
    }

    @Test func followsAChangeOfSize() async throws {
        try await onThread {
            let small = try Samples.packets(count: 5)
            let large = try Samples.packets(
                count: 5, first: 5, settings: EncoderSettings(width: 640, height: 360, fps: 25))
            let decoder = try Decoder(stream: Samples.streamInfo())
            let frames = try Samples.decode(small + large + small, with: decoder)
            let sizes = frames.map(\.width)
            #expect(
                sizes == Array(repeating: 320, count: 5) + Array(repeating: 640, count: 5)
                    + Array(repeating: 320, count: 5))
            #expect(frames.map { FrameCounter.read(from: $0) } == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4])
            #expect(decoder.corruptCount == 0)
        }
    }

    @Test func damageIsCountedAndSurvived() async throws {
        try await onThread {
            var generator = SeededGenerator(seed: 7)
            let packets = try Samples.packets(count: 100)
            let damaged = try packets.enumerated().map { index, packet in
                guard index % 3 == 1, index < 75 else { return packet }
                var bytes = packet.bytes
                for _ in 0..<20 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 0xff }
                if index % 2 == 0 { bytes = Array(bytes.prefix(bytes.count / 2)) }
                return try EncodedPacket(
                    bytes: bytes, isKeyframe: packet.isKeyframe, presentationTime: packet.presentationTime)
            }
            let decoder = try Decoder(stream: Samples.streamInfo())
            let frames = try Samples.decode(damaged, with: decoder)
            #expect(decoder.corruptCount > 0)
            // Whole again from the keyframe at 75.
            #expect(frames.suffix(25).map { FrameCounter.read(from: $0) } == (75..<100).map { UInt32($0) })
        }
    }

    @Test func randomBytesAreNoPictures() async throws {
        try await onThread {
            var generator = SeededGenerator(seed: 3)
            let decoder = try Decoder(stream: Samples.streamInfo())
            for size in [0, 1, 4, 100, 5000, 100_000] {
                let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let packet = try EncodedPacket(
                    bytes: [0, 0, 0, 1, 0x67] + bytes, isKeyframe: true, presentationTime: nil)
                #expect(try Samples.decode([packet], with: decoder).isEmpty)
            }
        }
    }

    /// Made by ffmpeg with x264's B-frames, which our own encoder never makes: pictures come out in the order shown.
    @Test(.enabled(if: FFmpegProgram.isInstalled)) func reorderedPicturesComeOutInOrder() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/b.mp4"
            try FFmpegProgram.run([
                "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4", "-c:v", "libx264", "-bf", "3",
                "-b_strategy", "0", "-g", "50", path,
            ])
            let demuxer = try Demuxer(url: MediaURL("file://" + path), options: DemuxerOptions(realTime: false))
            let video = try demuxer.requireVideo()
            #expect(video.hasReorderedFrames)
            let decoder = try Decoder(stream: video)
            var frames: [VideoFrame] = []
            while let packet = try demuxer.read() { frames += try Samples.decode([packet], with: decoder) }
            decoder.finish()
            frames += try Samples.drain(decoder)
            let times = frames.compactMap { $0.presentationTime?.rescaled(to: .mpeg).ticks }
            #expect(times == (0..<100).map { Int64($0) * 3600 + times[0] })
        }
    }

    /// Made by ffmpeg: what the stream says of its samples reaches whoever scales them.
    @Test(.enabled(if: FFmpegProgram.isInstalled)) func framesSayHowTheirSamplesAreMeant() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/pal.ts"
            try FFmpegProgram.run([
                "-f", "lavfi", "-i", "testsrc2=size=704x576:rate=50:duration=0.4", "-vf", "interlace,setsar=12/11",
                "-c:v", "libx264", "-preset", "ultrafast", "-flags", "+ilme+ildct", "-top", "1", "-color_range", "tv",
                "-colorspace", "bt470bg", path,
            ])
            let demuxer = try Demuxer(url: MediaURL("file://" + path), options: DemuxerOptions(realTime: false))
            let decoder = try Decoder(stream: demuxer.requireVideo())
            var frames: [VideoFrame] = []
            while let packet = try demuxer.read() { frames += try Samples.decode([packet], with: decoder) }
            let frame = try #require(frames.first)
            #expect(frame.signal.sampleAspectRatio == SampleAspectRatio(width: 12, height: 11))
            #expect(frame.signal.isInterlaced && !frame.signal.isFullRange)
            #expect(frame.signal.matrix == .bt601)

            let field = try frame.progressive()
            #expect((field.width, field.height) == (704, 288))
            #expect(!field.signal.isInterlaced)
            #expect(field.signal.sampleAspectRatio == SampleAspectRatio(width: 12, height: 22))
            for plane in 0..<3 {
                let lines = samples(of: frame, plane: plane)
                let even = lines.indices.filter { $0 % 2 == 0 }.map { lines[$0] }
                #expect(samples(of: field, plane: plane) == even)
            }
        }
    }

    @Test func progressivePicturesStayAsTheyAre() throws {
        let frame = try Samples.plain(YUVColour(y: 100, u: 100, v: 100), width: 64, height: 48)
        #expect(try frame.progressive() === frame)
        #expect(frame.signal.sampleAspectRatio == .square)
    }

    @Test(arguments: [(0, 1), (1, 0), (-1, 1), (9, 2), (2, 9), (1 << 20, 1 << 20)])
    func aShapeThatMakesNoSenseIsSquare(_ width: Int, _ height: Int) {
        #expect(SampleAspectRatio(width: width, height: height) == .square)
    }

    @Test func flushForgetsAndFinishEnds() async throws {
        try await onThread {
            let packets = try Samples.packets(count: 50)
            let decoder = try Decoder(stream: Samples.streamInfo())
            _ = try Samples.decode(Array(packets[..<10]), with: decoder)
            decoder.flush()
            #expect(try Samples.decode(Array(packets[25...]), with: decoder).count == 25)
            decoder.finish()
            guard case .finished = try decoder.receive() else {
                Issue.record("not finished")
                return
            }
            #expect(throws: MediaError.self) { try decoder.send(packets[0]) }
        }
    }
}

/// Peak signal to noise ratio in decibels of two planes of equal size.
func psnr(_ a: [[UInt8]], _ b: [[UInt8]]) -> Double {
    var squares = 0.0
    var count = 0.0
    for (rowA, rowB) in zip(a, b) {
        for (x, y) in zip(rowA, rowB) { squares += (Double(x) - Double(y)) * (Double(x) - Double(y)) }
        count += Double(rowA.count)
    }
    return squares == 0 ? .infinity : 10 * log10(255 * 255 * count / squares)
}

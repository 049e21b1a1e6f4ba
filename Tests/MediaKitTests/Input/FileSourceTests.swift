import Foundation
import Testing

@testable import MediaKit

@Suite struct FileSourceTests {
    @Test(arguments: [Muxer.Format.mp4, .mpegTS])
    func loopsWithContinuousTimestamps(format: Muxer.Format) async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/loop me"
            try Samples.write(path, format: format, frames: 30)
            let demuxer = try Demuxer(
                url: MediaURL("file://" + path.replacing(" ", with: "%20")),
                options: DemuxerOptions(loop: true, realTime: false))
            let video = try demuxer.requireVideo()
            #expect(video.codec == "h264")
            #expect(video.width == 320)
            #expect(video.height == 240)
            #expect(video.frameRate == 25)
            #expect(demuxer.audio == nil)
            let decoder = try Decoder(stream: video)
            var times: [Int64] = []
            var numbers: [UInt32?] = []
            for _ in 0..<100 {
                let packet = try #require(try demuxer.read())
                times.append(try #require(packet.decodeTime?.rescaled(to: .mpeg).ticks))
                numbers += try Samples.decode([packet], with: decoder).map { FrameCounter.read(from: $0) }
            }
            let steps = Set(zip(times, times.dropFirst()).map { $1 - $0 })
            #expect(steps == [3600])
            #expect(numbers == (0..<100).map { UInt32($0 % 30) })
            #expect(decoder.corruptCount == 0)
        }
    }

    @Test func endsWithoutLoop() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            try Samples.write(directory.path + "/once.mp4", format: .mp4, frames: 10)
            let demuxer = try Demuxer(
                url: MediaURL("file://\(directory.path)/once.mp4"), options: DemuxerOptions(realTime: false))
            var count = 0
            while try demuxer.read() != nil { count += 1 }
            #expect(count == 10)
            demuxer.close()
            demuxer.close()
            #expect(throws: MediaError.self) { try demuxer.read() }
        }
    }

    @Test func isDeliveredInRealTime() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            try Samples.write(directory.path + "/paced.mp4", format: .mp4, frames: 10)
            let demuxer = try Demuxer(
                url: MediaURL("file://\(directory.path)/paced.mp4"), options: DemuxerOptions(loop: true))
            #expect(demuxer.isPaced)
            var arrivals: [MonotonicInstant] = []
            for _ in 0..<15 {
                arrivals.append(try #require(try demuxer.read()).arrivalTime)
                #expect(ContinuousClock.now >= arrivals[arrivals.count - 1])
            }
            for (before, after) in zip(arrivals, arrivals.dropFirst()) {
                #expect(abs((after - before).wholeNanoseconds - 40_000_000) < 100_000)
            }
        }
    }

    /// Sound goes on when a camera's picture has stopped; whoever waits for the picture has to notice.
    @Test(.enabled(if: FFmpegProgram.isInstalled)) func soundDoesNotExtendADeadline() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/sound.ts"
            try FFmpegProgram.run([
                "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=0.4", "-f", "lavfi", "-i",
                "sine=duration=20", "-c:v", "libx264", "-c:a", "aac", path,
            ])
            let demuxer = try Demuxer(url: MediaURL("file://" + path))
            let video = try demuxer.requireVideo()
            let deadline = ContinuousClock.now + .seconds(2)
            var audioCount = 0
            let kind = try errorKind {
                while let packet = try demuxer.read(until: deadline) {
                    if packet.streamIndex != video.streamIndex { audioCount += 1 }
                }
            }
            #expect(kind == .timedOut)
            #expect(audioCount > 20)
            #expect(deadline.duration(to: .now) < .seconds(5))
        }
    }

    @Test(
        .enabled(if: FFmpegProgram.isInstalled),
        arguments: [(nil, "pcm_s16le"), (1, "pcm_s16le"), (2, "aac"), (3, nil)] as [(Int?, String?)])
    func theTrackOfSoundIsChosen(track: Int?, codec: String?) async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/tracks.mkv"
            let tone = ["-f", "lavfi", "-i", "sine=duration=0.4"]
            try FFmpegProgram.run(
                ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=0.4"] + tone + tone + [
                    "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-c:a:0", "pcm_s16le", "-c:a:1", "aac",
                    "-ac:a:1", "2", path,
                ])
            let demuxer = try Demuxer(
                url: MediaURL("file://" + path), options: DemuxerOptions(realTime: false, soundTrack: track))
            #expect(demuxer.audioTracks.map(\.codec) == ["pcm_s16le", "aac"])
            #expect(demuxer.audio?.codec == codec)
            var indices: Set<Int> = []
            while let packet = try demuxer.read() { indices.insert(packet.streamIndex) }
            #expect(indices == Set([demuxer.video?.streamIndex, demuxer.audio?.streamIndex].compactMap(\.self)))
        }
    }

    @Test func aPacedWaitCanBeInterrupted() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            // One frame in eight seconds.
            let muxer = try Muxer(
                destination: directory.path + "/slow.mp4", format: .mp4, video: try Samples.streamInfo())
            for (index, packet) in try Samples.packets(count: 3).enumerated() {
                try muxer.write(
                    EncodedPacket(
                        bytes: packet.bytes, isKeyframe: packet.isKeyframe,
                        presentationTime: MediaTime(.seconds(8 * index))))
            }
            try muxer.finish()
            let flag = InterruptFlag()
            let demuxer = try Demuxer(
                url: MediaURL("file://\(directory.path)/slow.mp4"), options: DemuxerOptions(), interrupt: flag)
            _ = try demuxer.read()
            let start = ContinuousClock.now
            let interrupter = DedicatedThread(name: "interrupter") { flag.interrupt() }
            #expect(try errorKind { _ = try demuxer.read() } == .interrupted)
            #expect(ContinuousClock.now - start < .seconds(4))
            interrupter.join()
        }
    }

    @Test(arguments: [
        ("missing.mp4", nil, MediaError.Kind.notFound),
        ("garbage.mp4", [UInt8](repeating: 0x5a, count: 50_000), .invalidData),
        ("empty.mp4", [], .invalidData),
        // An HLS playlist, a concat script and a session description may name other files.
        (
            "list.m3u8", Array("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n".utf8),
            .invalidData
        ),
        ("script.ffconcat", Array("ffconcat version 1.0\nfile other.ts\n".utf8), .invalidData),
        ("session.sdp", Array("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n".utf8), .invalidData),
    ])
    func refusesWhatIsNoRecording(name: String, content: [UInt8]?, kind: MediaError.Kind) async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            try Samples.write(directory.path + "/other.ts", format: .mpegTS, frames: 30)
            if let content {
                try Data(content).write(to: URL(fileURLWithPath: directory.path + "/" + name))
            }
            let found = try errorKind {
                _ = try Demuxer(url: MediaURL("file://\(directory.path)/\(name)"))
            }
            #expect(found == kind)
        }
    }

    @Test func missingDeviceIsSaid() async throws {
        try await onThread {
            let found = try errorKind { _ = try Demuxer(url: MediaURL("/dev/video99")) }
            #expect(found == .notFound)
        }
    }
}

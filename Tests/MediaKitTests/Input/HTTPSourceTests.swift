import Testing

@testable import MediaKit

@Suite struct HTTPSourceTests {
    @Test func playsMotionJPEG() async throws {
        let pictures = try await onThread {
            let source = try DemoSource(width: 320, height: 240)
            return try (0..<5).map { try JPEGEncoder(quality: 3).encode(source.frame(number: $0)) }
        }
        let server = try LocalServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n")
            for number in 0... {
                let picture = pictures[number % pictures.count]
                let isSent =
                    connection.send(
                        "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: \(picture.count)\r\n\r\n")
                    && connection.send(picture) && connection.send("\r\n")
                guard isSent else { return }
            }
        }
        try await onThread {
            let demuxer = try Demuxer(url: MediaURL("http://127.0.0.1:\(server.port)/video.mjpg"))
            let video = try demuxer.requireVideo()
            #expect(video.codec == "mjpeg")
            #expect(!demuxer.isPaced)
            let decoder = try Decoder(stream: video)
            let scaler = try Scaler(width: 320, height: 240)
            var numbers: [UInt32?] = []
            var last: Int64 = -1
            for _ in 0..<10 {
                let packet = try #require(try demuxer.read())
                for frame in try Samples.decode([packet], with: decoder) {
                    numbers.append(FrameCounter.read(from: try scaler.scale(frame)))
                    let time = try #require(frame.presentationTime?.ticks)
                    #expect(time >= last)
                    last = time
                }
            }
            let first = try #require(numbers.first ?? nil)
            #expect(numbers == (0..<10).map { UInt32((Int(first) + $0) % 5) })
        }
    }

    @Test func playsAPlaylist() async throws {
        let segment = try await Self.segment()
        let server = try LocalServer.http([
            "/live.m3u8": ("application/vnd.apple.mpegurl", Self.playlist(segment: "segment.ts")),
            "/segment.ts": ("video/mp2t", segment),
        ])
        try await onThread {
            let demuxer = try Demuxer(
                url: MediaURL("http://127.0.0.1:\(server.port)/live.m3u8"), options: DemuxerOptions(realTime: false))
            var count = 0
            while try demuxer.read() != nil { count += 1 }
            #expect(count == 50)
        }
    }

    /// A playlist from the network that names local files, directly or through libav's own protocols.
    @Test(arguments: [
        "file://PATH", "PATH", "concat:PATH", "subfile,,start,0,end,0,,:PATH", "crypto:file:PATH", "async:file:PATH",
    ])
    func aPlaylistCannotReadLocalFiles(reference: String) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/secret.ts"
        try await onThread { try Samples.write(path, format: .mpegTS, frames: 50) }
        let server = try LocalServer.http([
            "/live.m3u8": (
                "application/vnd.apple.mpegurl", Self.playlist(segment: reference.replacing("PATH", with: path))
            )
        ])
        let url = try MediaURL("http://127.0.0.1:\(server.port)/live.m3u8")
        try await onThread { try Self.expectNoPackets(url) }
    }

    /// Other scripts that libav would follow, sent in place of a video.
    @Test(arguments: ["ffconcat version 1.0\nfile 'file:PATH'\n", "ffconcat version 1.0\nfile PATH\n"])
    func aScriptCannotReadLocalFiles(script: String) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/secret.ts"
        try await onThread { try Samples.write(path, format: .mpegTS, frames: 50) }
        let server = try LocalServer.http([
            "/video.mp4": ("video/mp4", Array(script.replacing("PATH", with: path).utf8))
        ])
        let url = try MediaURL("http://127.0.0.1:\(server.port)/video.mp4")
        try await onThread { try Self.expectNoPackets(url) }
    }

    private static func expectNoPackets(_ url: MediaURL) throws {
        var count = 0
        do {
            let demuxer = try Demuxer(
                url: url, options: DemuxerOptions(openTimeout: .seconds(3), readTimeout: .seconds(1), realTime: false))
            while try demuxer.read() != nil { count += 1 }
        } catch {}
        #expect(count == 0)
    }

    private static func segment() async throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/segment.ts"
        try await onThread { try Samples.write(path, format: .mpegTS, frames: 50) }
        return try readFile(path)
    }

    private static func playlist(segment: String) -> [UInt8] {
        Array("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\n\(segment)\n#EXT-X-ENDLIST\n".utf8)
    }
}

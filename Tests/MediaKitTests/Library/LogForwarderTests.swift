import Testing

@testable import MediaKit

@Suite struct LogForwarderTests {
    @Test func limitsTheRateAndSaysHowMuchWasHeldBack() {
        let start = MonotonicInstant.now
        var forwarder = LogForwarder(now: start) { _, _ in }
        var passed: [String] = []
        for number in 0..<100 {
            passed += forwarder.lines(for: "line \(number)\n", level: .warning, now: start + .milliseconds(number)).map(
                \.1)
        }
        #expect(passed == (0..<LogForwarder.burst).map { "line \($0)" })
        let later = forwarder.lines(for: "next", level: .error, now: start + LogForwarder.window)
        #expect(later.map(\.1) == ["\(100 - LogForwarder.burst) more lines of libav were held back", "next"])
        #expect(later.map(\.0) == [.warning, .error])
    }

    @Test func removesSecretsAndEmptyLines() {
        var forwarder = LogForwarder(now: .now) { _, _ in }
        let lines = forwarder.lines(for: "[tcp @ 0x5] open rtsp://u:hunter2@cam/x failed\n", level: .error, now: .now)
        #expect(lines.map(\.1) == ["[tcp @ 0x5] open rtsp://••••@cam/x failed"])
        #expect(forwarder.lines(for: "\n", level: .error, now: .now).isEmpty)
    }

    @Test func libavLogsIntoTheSink() async throws {
        let lines = BoundedQueue<String>(capacity: 100)
        try MediaKit.start(minimumLevel: .warning) { _, line in lines.push(line) }
        let server = try LocalServer { connection in
            while let request = connection.readRequest() {
                connection.send("RTSP/1.0 404 Gone\r\nCSeq: \(RTSPRequestText.sequenceNumber(of: request))\r\n\r\n")
            }
        }
        // Decoders of other tests write to the same log, and what is too much for its window is held back.
        let deadline = ContinuousClock.now + .seconds(40)
        var text = ""
        repeat {
            try await onThread {
                _ = try? Demuxer(url: MediaURL("rtsp://u:hunter2@127.0.0.1:\(server.port)/marker-path"))
            }
            while let line = lines.pop() { text += line + "\n" }
        } while !text.contains("404") && ContinuousClock.now < deadline
        try MediaKit.start(minimumLevel: .error)
        #expect(text.contains("404"))
        #expect(!text.contains("hunter2"))
        #expect(MediaKit.versions.contains("libavcodec 59."))
    }
}

import TestSupport
import Testing

@testable import MediaKit

/// Sources that hang, refuse and lie.
@Suite struct NetworkFailureTests {
    private static let schemes = ["rtsp", "http"]

    @Test(arguments: schemes)
    func aHangingConnectIsInterrupted(scheme: String) async throws {
        let server = try LocalServer { $0.waitForClose() }
        try await onThread {
            let flag = InterruptFlag()
            let interrupter = DedicatedThread(name: "interrupter") {
                // Only once the connection stands, so that it is the hang that ends.
                _ = server.accepted.wait(until: .now + .seconds(10))
                flag.interrupt()
            }
            let start = ContinuousClock.now
            let kind = try errorKind {
                _ = try Demuxer(
                    url: MediaURL("\(scheme)://127.0.0.1:\(server.port)/live"),
                    options: DemuxerOptions(openTimeout: .seconds(30), readTimeout: .seconds(30)), interrupt: flag)
            }
            #expect(kind == .interrupted)
            #expect(ContinuousClock.now - start < .seconds(10))
            interrupter.join()
        }
    }

    @Test(arguments: schemes)
    func aHangingConnectTimesOut(scheme: String) async throws {
        let server = try LocalServer { $0.waitForClose() }
        try await onThread {
            let start = ContinuousClock.now
            let kind = try errorKind {
                _ = try Demuxer(
                    url: MediaURL("\(scheme)://u:hunter2@127.0.0.1:\(server.port)/live"),
                    options: DemuxerOptions(openTimeout: .milliseconds(400), readTimeout: .seconds(30)))
            }
            let elapsed = ContinuousClock.now - start
            #expect(kind == .timedOut)
            #expect(elapsed >= .milliseconds(400))
            #expect(elapsed < .seconds(5))
        }
    }

    @Test(arguments: schemes)
    func aClosedPortIsRefused(scheme: String) async throws {
        // Bound and let go again: nobody listens there now.
        let port = try LocalServer { _ in }.port
        try await onThread {
            let kind = try errorKind { _ = try Demuxer(url: MediaURL("\(scheme)://127.0.0.1:\(port)/live")) }
            #expect(kind == .refused)
        }
    }

    /// RFC 6761 §6.4: names under "invalid" never resolve.
    @Test(arguments: schemes)
    func anUnknownHostIsUnreachable(scheme: String) async throws {
        try await onThread {
            let kind = try errorKind { _ = try Demuxer(url: MediaURL("\(scheme)://u:p@camera.invalid:554/live")) }
            #expect(kind == .unreachable)
        }
    }

    @Test func aLookUpCanBeInterrupted() async throws {
        try await onThread {
            let flag = InterruptFlag()
            flag.interrupt()
            #expect(HostLookup.resolve("camera.invalid", until: .now + .seconds(60), interrupt: flag) == .abandoned)
            #expect(HostLookup.resolve("camera.invalid", until: .now, interrupt: InterruptFlag()) == .abandoned)
            for host in ["127.0.0.1", "::1", "localhost"] {
                let flag = host == "localhost" ? InterruptFlag() : flag
                let deadline = host == "localhost" ? MonotonicInstant.now + .seconds(30) : .now
                guard case .found(let addresses) = HostLookup.resolve(host, until: deadline, interrupt: flag) else {
                    Issue.record("\(host) was not found")
                    continue
                }
                #expect(!addresses.isEmpty)
            }
        }
    }

    @Test(arguments: [(401, MediaError.Kind.unauthorized), (403, .unauthorized), (404, .notFound)])
    func anRTSPStatusGetsItsMeaning(status: Int, kind: MediaError.Kind) async throws {
        let server = try LocalServer { connection in
            while let request = connection.readRequest() {
                let number = RTSPRequestText.sequenceNumber(of: request)
                let isOptions = request.hasPrefix("OPTIONS")
                connection.send(
                    "RTSP/1.0 \(isOptions ? 200 : status) Whatever\r\nCSeq: \(number)\r\n"
                        + (isOptions ? "Public: DESCRIBE, SETUP, PLAY\r\n\r\n" : "\r\n"))
            }
        }
        try await onThread {
            do {
                _ = try Demuxer(url: MediaURL("rtsp://u:hunter2@127.0.0.1:\(server.port)/live"))
                Issue.record("opened")
            } catch let error as MediaError {
                #expect(error.kind == kind)
                #expect(error.subject == "rtsp://••••@127.0.0.1:\(server.port)/live")
                #expect(!error.description.contains("hunter2"))
                #expect(!error.userMessage.contains("hunter2"))
            }
        }
    }

    @Test(arguments: schemes)
    func garbageIsNoStream(scheme: String) async throws {
        let server = try LocalServer { connection in
            var generator = SeededGenerator(seed: 1)
            if scheme == "http" { connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n") }
            for _ in 0..<64 {
                guard connection.send((0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) }) else {
                    return
                }
            }
        }
        try await onThread {
            let kind = try errorKind {
                _ = try Demuxer(
                    url: MediaURL("\(scheme)://127.0.0.1:\(server.port)/live"),
                    options: DemuxerOptions(openTimeout: .seconds(5)))
            }
            #expect(
                [.invalidData, .timedOut, .refused, .endOfStream].contains(kind), "\(kind.map(\.rawValue) ?? "opened")")
        }
    }

    @Test func aStalledStreamTimesOutAndCanBeInterrupted() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/part.ts"
        try await onThread { try Samples.write(path, format: .mpegTS, frames: 60) }
        let content = try readFile(path)
        let server = try LocalServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n\r\n")
            connection.send(content)
            connection.waitForClose()
        }
        for interrupts in [false, true] {
            try await onThread {
                let flag = InterruptFlag()
                let demuxer = try Demuxer(
                    url: MediaURL("http://127.0.0.1:\(server.port)/live.ts"),
                    options: DemuxerOptions(readTimeout: interrupts ? .seconds(30) : .milliseconds(300)),
                    interrupt: flag)
                let interrupter =
                    interrupts
                    ? DedicatedThread(name: "interrupter") { [flag] in
                        flag.wait(until: .now + .milliseconds(300))
                        flag.interrupt()
                    } : nil
                var count = 0
                let kind = try errorKind {
                    while try demuxer.read() != nil { count += 1 }
                }
                #expect(kind == (interrupts ? .interrupted : .timedOut))
                #expect(interrupts || count >= 58)
                interrupter?.join()
            }
        }
    }

    /// RFC 2326 §11.3.13 (461): the camera does not do interleaved RTP.
    @Test(arguments: [
        (DemuxerOptions.Transport.auto, ["RTP/AVP/TCP", "RTP/AVP/UDP"]), (.tcp, ["RTP/AVP/TCP"]),
        (.udp, ["RTP/AVP/UDP"]),
    ])
    func transportIsTriedInOrder(transport: DemuxerOptions.Transport, expected: [String]) async throws {
        let transports = BoundedQueue<String>(capacity: 10)
        let server = try LocalServer { connection in
            while let request = connection.readRequest() {
                let number = RTSPRequestText.sequenceNumber(of: request)
                if request.hasPrefix("DESCRIBE") {
                    let body =
                        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
                        + "a=rtpmap:96 H264/90000\r\na=control:track\r\n"
                    connection.send(
                        "RTSP/1.0 200 OK\r\nCSeq: \(number)\r\nContent-Type: application/sdp\r\n"
                            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
                } else if request.hasPrefix("SETUP") {
                    for name in ["RTP/AVP/TCP", "RTP/AVP/UDP"] where request.contains(name) { transports.push(name) }
                    connection.send("RTSP/1.0 461 Unsupported Transport\r\nCSeq: \(number)\r\n\r\n")
                } else {
                    connection.send("RTSP/1.0 200 OK\r\nCSeq: \(number)\r\n\r\n")
                }
            }
        }
        try await onThread {
            let kind = try errorKind {
                _ = try Demuxer(
                    url: MediaURL("rtsp://127.0.0.1:\(server.port)/live"), options: DemuxerOptions(transport: transport)
                )
            }
            #expect(kind == .unsupported)
            var tried: [String] = []
            while let name = transports.pop() { tried.append(name) }
            #expect(tried == expected)
        }
    }
}

enum RTSPRequestText {
    static func sequenceNumber(of request: String) -> String {
        let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("cseq:") } ?? "CSeq: 0"
        return String(line.dropFirst(5).drop { $0 == " " })
    }
}

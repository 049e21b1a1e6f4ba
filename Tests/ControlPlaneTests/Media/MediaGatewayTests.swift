import Foundation
import NIOCore
import NIOHTTP1
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// Against an engine that a test makes up.
@Suite(.timeLimit(.minutes(3))) struct MediaGatewayTests {
    private let folder = TemporaryFolder()
    private let endpoint = EngineEndpoint()
    private let time = Time()

    private final class Time: Sendable {
        private let value = Mutex(Duration.seconds(1000))
        var now: Duration {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    private func gateway(
        _ engine: LocalServer?, as kind: EngineKind = .builtin, offersPageAddress: Bool = false
    ) async throws -> MediaGateway {
        let store = try ConfigurationStore(path: folder.path + "/\(UUID().uuidString).sqlite")
        let transmission = try Sample.transmission(
            "door", path: "front-door", outputs: [["id": "h", "protocol": "hls"], ["id": "w", "protocol": "webrtc"]])
        try await store.update { $0.transmissions = [transmission] }
        if let engine { endpoint.set(kind, port: engine.port) }
        return MediaGateway(
            store: store,
            engine: EngineMedia(endpoint: endpoint, reader: EngineReader(user: "me", password: Secret("very secret"))),
            tokens: MediaTokens(clock: { [time] in time.now }), offersPageAddress: { _ in offersPageAddress },
            stillHolds: { _ in true })
    }

    private func token(_ gateway: MediaGateway, _ id: String = "h") throws -> String {
        let output = try #require(
            try Sample.transmission(
                "door", path: "front-door",
                outputs: [["id": "h", "protocol": "hls"], ["id": "w", "protocol": "webrtc"]]
            ).servedOutputs.first { $0.outputID == id })
        let url = try #require(gateway.address(of: output, for: .open)?.url)
        #expect(url.hasPrefix("api/media/") && !url.contains("secret"))
        return String(url.split(separator: "/")[2])
    }

    private func body(_ answer: MediaAnswer) async throws -> String {
        var body = ByteBuffer()
        try await answer.write { body.writeImmutableBuffer($0) }
        return String(buffer: body)
    }

    private func refusal(_ work: () async throws -> MediaAnswer) async -> ControlPlaneError? {
        do {
            _ = try await work()
            return nil
        } catch {
            return error as? ControlPlaneError
        }
    }

    @Test func aSegmentIsPassedOnWithItsRangeAndHeaders() async throws {
        let engine = try await LocalServer { _ in
            LocalServer.Reply(
                status: .partialContent,
                headers: [
                    ("Content-Type", "video/mp2t"), ("Content-Range", "bytes 1-3/9"), ("Cache-Control", "max-age=3600"),
                    ("Set-Cookie", "secret=1"), ("Access-Control-Allow-Origin", "*"),
                ], body: Array("abc".utf8))
        }
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        let answer = try await gateway.file(
            "x_seg1.ts", token: token,
            MediaRequest(
                headers: ["range": "bytes=1-3", "cookie": "toposync_session=x", "authorization": "Bearer x"],
                query: ["session": "theirs", "jwt": "x"]))
        #expect(answer.status == 206 && answer.contentLength == 3)
        #expect(
            answer.headers.map(\.name).sorted() == ["cache-control", "content-range", "content-type"])
        #expect(try await body(answer) == "abc")
        let request = try #require(engine.requests.first)
        #expect(request.range == "bytes=1-3")
        #expect(request.authorization == "Basic " + Data("me:very secret".utf8).base64EncodedString())
        let session = try #require(request.path.split(separator: "=").last)
        #expect(request.path == "/front-door/x_seg1.ts?session=\(session)")
        #expect(session != "theirs" && session.count == 32)
    }

    @Test func oneViewerIsOneSession() async throws {
        let engine = try await LocalServer { _ in LocalServer.Reply(body: Array("#EXTM3U".utf8)) }
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        for _ in 0..<3 {
            #expect(try await body(try await gateway.file("index.m3u8", token: token, MediaRequest())) == "#EXTM3U")
        }
        _ = try await gateway.file("main_stream.m3u8", token: token, MediaRequest())
        #expect(engine.requests.count == 2, "the index is asked for once")
        #expect(Set(engine.requests.compactMap { $0.path.split(separator: "?").last }).count == 1)
        let other = try self.token(gateway)
        _ = try await gateway.file("index.m3u8", token: other, MediaRequest())
        #expect(Set(engine.requests.compactMap { $0.path.split(separator: "?").last }).count == 2)
    }

    @Test func mediaMTXsRedirectIsFollowedByItsQueryAlone() async throws {
        let engine = try await LocalServer { request in
            !request.path.contains("index.m3u8") || request.path.contains("cookieCheck=1")
                ? LocalServer.Reply(body: Array("main_stream.m3u8?session=theirs".utf8))
                : LocalServer.Reply(
                    status: .found,
                    headers: [
                        ("Location", "http://192.0.2.1/front-door/index.m3u8?cookieCheck=1"),
                        ("Set-Cookie", "cookieCheck=1; Secure"),
                    ])
        }
        let gateway = try await gateway(engine, as: .mediamtx)
        let token = try token(gateway)
        let answer = try await gateway.file("index.m3u8", token: token, MediaRequest())
        #expect(try await body(answer).contains("session=theirs"))
        _ = try await gateway.file("main_stream.m3u8", token: token, MediaRequest(query: ["session": "theirs"]))
        #expect(engine.requests.map(\.method) == ["GET", "GET", "GET"])
        #expect(engine.requests[1].path.hasPrefix("/front-door/index.m3u8?session="))
        #expect(engine.requests[2].path == "/front-door/main_stream.m3u8?session=theirs")
    }

    @Test func aRedirectElsewhereIsRefused() async throws {
        let engine = try await LocalServer { _ in
            LocalServer.Reply(status: .found, headers: [("Location", "http://192.0.2.1/")])
        }
        let gateway = try await gateway(engine, as: .mediamtx)
        let token = try token(gateway)
        let error = await refusal { try await gateway.file("index.m3u8", token: token, MediaRequest()) }
        #expect(error?.description == "The engine failed (302).")
        #expect(engine.requests.count == 1)
    }

    @Test func aPageIsNotHeldWhileAStreamStarts() async throws {
        let started = Atomic(false)
        let engine = try await LocalServer { _ in
            while !started.load(ordering: .acquiring) { Thread.sleep(forTimeInterval: 0.01) }
            return LocalServer.Reply(body: Array("#EXTM3U".utf8))
        }
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        let page = MediaRequest(headers: ["prefer": "respond-async"])
        #expect(try await gateway.file("index.m3u8", token: token, page).status == 202)
        async let held = gateway.file("index.m3u8", token: token, MediaRequest())
        started.store(true, ordering: .releasing)
        #expect(try await held.status == 200)
        #expect(try await gateway.file("index.m3u8", token: token, page).status == 200)
        #expect(engine.requests.count == 1)
    }

    /// As a file, the stream without an end would go on when its token is over and its password is another one.
    @Test func hostileNamesReachNoEngine() async throws {
        let engine = try await LocalServer { _ in LocalServer.Reply() }
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        for name in ["../x.ts", "..", "@192.0.2.1/x.ts", "x.ts?y", "stream.mp4", "//192.0.2.1/x.ts", "v3/config.m3u8"] {
            guard case .notFound = await refusal({ try await gateway.file(name, token: token, MediaRequest()) }) else {
                Issue.record("\(name)")
                continue
            }
        }
        let session = await refusal {
            try await gateway.signal(.goodbye, token: token, session: "../../v3", MediaRequest())
        }
        #expect(session == .mediaGone("There is no such session."))
        #expect(engine.requests.isEmpty)
    }

    @Test func tokensThatAreOverOrForeignAreRefused() async throws {
        let engine = try await LocalServer { _ in LocalServer.Reply(body: [1]) }
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        let foreign = try self.token(try await self.gateway(engine))
        for text in ["", "x", foreign, token + "A", String(token.dropLast())] {
            let error = await refusal { try await gateway.file("x.ts", token: text, MediaRequest()) }
            #expect(error == .mediaTokenIsOver)
        }
        _ = try await gateway.file("x.ts", token: token, MediaRequest())
        #expect(try await gateway.renew(token) == 180)
        time.now += .seconds(179)
        _ = try await gateway.file("x.ts", token: token, MediaRequest())
        time.now += .seconds(1)
        let replayed = await refusal { try await gateway.file("x.ts", token: token, MediaRequest()) }
        #expect(replayed == .mediaTokenIsOver)
    }

    @Test func whoLeavesEndsItsSessionInTheEngine() async throws {
        let engine = try await LocalServer { _ in LocalServer.Reply(body: Array("#EXTM3U".utf8)) }
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        _ = try await gateway.file("index.m3u8", token: token, MediaRequest())
        let session = try #require(engine.requests.first?.path.split(separator: "=").last)
        try await gateway.end(token)
        #expect(engine.requests.last?.path == "/v3/hlssessions/kick/\(session)")
        let error = await refusal { try await gateway.file("index.m3u8", token: token, MediaRequest()) }
        #expect(error == .mediaTokenIsOver)
    }

    @Test func lettingGoOfAnAnswerEndsTheEnginesTransfer() async throws {
        let engine = try await LocalServer { _ in
            LocalServer.Reply(body: [UInt8](repeating: 1, count: 1000), length: 1 << 30, end: .hold)
        }
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        var answer: MediaAnswer? = try await gateway.file("x.ts", token: token, MediaRequest())
        #expect(gateway.transferCount == 1)
        struct Left: Error {}
        await #expect(throws: Left.self) { try await answer?.write { _ in throw Left() } }
        answer = nil
        while engine.openConnections > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(gateway.transferCount == 0)
    }

    @Test(arguments: [
        (HTTPResponseStatus.notFound, "404"), (.unauthorized, "404"), (.gone, "404"), (.badRequest, "400"),
        (.internalServerError, "502"),
    ])
    func whatAnEngineRefusesIsTold(status: HTTPResponseStatus, expected: String) async throws {
        let engine = try await LocalServer { _ in
            LocalServer.Reply(status: status, body: Array(#"{"status":"error","error":"why"}"#.utf8))
        }
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        let error = await refusal { try await gateway.file("x.ts", token: token, MediaRequest()) }
        switch error {
        case .notFound(let message) where message.text == "why": #expect(expected == "404")
        case .badRequest(let message) where message.text == "why": #expect(expected == "400")
        case .badGateway(let message) where message.text == "why": #expect(expected == "502")
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test func anEngineThatIsAwayIsTold() async throws {
        let gateway = try await gateway(nil)
        let token = try token(gateway)
        let error = await refusal { try await gateway.file("x.ts", token: token, MediaRequest()) }
        #expect(error == .engineAway)
    }

    /// A page of many streams asks for all of them while the engine is started again.
    @Test func anEngineThatIsBackIsNoticedAtOnce() async throws {
        let gateway = try await gateway(nil)
        let place = try ReservedPort()
        endpoint.set(port: place.port)
        let tokens = try (0..<100).map { _ in try token(gateway) }
        await withTaskGroup { group in
            for token in tokens {
                group.addTask { await refusal { try await gateway.file("x.ts", token: token, MediaRequest()) } }
            }
            for await refusal in group { #expect(refusal == .engineAway) }
        }
        let engine = try await LocalServer(at: place) { _ in LocalServer.Reply(body: Array("abc".utf8)) }
        let answer = try await gateway.file("x.ts", token: tokens[0], MediaRequest())
        #expect(try await body(answer) == "abc" && engine.requests.count == 1)
    }

    @Test func theSignallingOfWebRTCPasses() async throws {
        let engine = try await LocalServer { request in
            LocalServer.Reply(
                status: .created,
                headers: [
                    ("Content-Type", "application/sdp"), ("Location", "/front-door-w/whep/0a-1b?x=1"), ("ETag", "*"),
                    ("Link", #"<stun:a>; rel="ice-server""#), ("Link", #"<stun:b>; rel="ice-server""#),
                    ("Access-Control-Allow-Origin", "*"),
                ], body: Array("answer".utf8))
        }
        let gateway = try await gateway(engine, as: .mediamtx)
        let token = try token(gateway, "w")
        let answer = try await gateway.signal(
            .offer, token: token,
            MediaRequest(headers: ["content-type": "application/sdp"], body: ByteBuffer(string: "offer")))
        #expect(answer.status == 201)
        #expect(answer.headers.first { $0.name == "location" }?.value == "whep/0a-1b")
        #expect(answer.headers.filter { $0.name == "link" }.count == 2)
        #expect(!answer.headers.contains { $0.name.hasPrefix("access-control") })
        #expect(try await body(answer) == "answer")
        _ = try await gateway.signal(.goodbye, token: token, session: "0a-1b", MediaRequest())
        #expect(engine.requests.map(\.method) == ["POST", "DELETE"])
        #expect(String(decoding: engine.requests[0].body, as: UTF8.self) == "offer")
        #expect(engine.requests[1].path.hasSuffix("/whep/0a-1b"))
    }

    /// A browser that can't play H.265 has another address, which it turns to when it must.
    @Test func theSameInH264HasAnAddressOfItsOwn() async throws {
        let engine = try await LocalServer { request in
            LocalServer.Reply(
                status: request.path.hasSuffix("/whep") ? .created : .ok, headers: [("Location", "/x/whep/a")],
                body: Array("answer".utf8))
        }
        let gateway = try await gateway(engine)
        let outputs = try Sample.transmission(
            "door", path: "front-door", outputs: [["id": "h", "protocol": "hls"], ["id": "w", "protocol": "webrtc"]]
        ).servedOutputs
        #expect(gateway.address(of: outputs[0], for: .open)?.h264URL == nil)
        let address = try #require(gateway.address(of: outputs[1], for: .open))
        let token = String(try #require(address.h264URL?.split(separator: "/")[2]))
        #expect(address.h264URL == "api/media/\(token)/whep" && address.url != address.h264URL)
        _ = try await gateway.signal(.offer, token: token, MediaRequest(body: ByteBuffer(string: "offer")))
        #expect(engine.requests.last?.path == "/front-door.h264/whep")
        #expect(try await gateway.renew(token) == 180)
        _ = try await gateway.file("main_stream.m3u8", token: token, MediaRequest())
        #expect(engine.requests.last?.path.hasPrefix("/front-door.h264/main_stream.m3u8") == true)
        // MediaMTX has one path for all.
        endpoint.set(.mediamtx, port: engine.port)
        #expect(gateway.address(of: outputs[1], for: .open)?.h264URL == nil)
    }

    @Test func whoCanNotPlayTheStreamByMP4IsSentTheSameInH264() async throws {
        let engine = try await LocalServer { request in
            LocalServer.Reply(
                status: request.path.hasPrefix("/front-door.h264/") ? .ok : .notAcceptable,
                headers: [("Content-Type", "video/mp4")], body: Array("{}".utf8))
        }
        let gateway = try await gateway(engine)
        _ = try await gateway.stream(token: try token(gateway, "w"), codecs: "avc1.640029")
        #expect(
            engine.requests.map { String($0.path.prefix { $0 != "?" }) } == [
                "/front-door/stream.mp4", "/front-door.h264/stream.mp4",
            ])
        // An output for HLS has nothing apart.
        await #expect(throws: ControlPlaneError.noCodecForBrowser) {
            _ = try await gateway.stream(token: try token(gateway, "h"), codecs: "avc1.640029")
        }
    }

    /// All of them are one address to the engine.
    @Test func oneAddressDoesNotTakeTheRoomOfTheOthersForWebRTC() async throws {
        let engine = try await LocalServer { _ in
            LocalServer.Reply(status: .created, headers: [("Location", "/x/whep/a")], body: Array("answer".utf8))
        }
        let gateway = try await gateway(engine)
        func offer(from address: String) async throws -> ControlPlaneError? {
            let token = try token(gateway, "w")
            return await refusal {
                try await gateway.signal(
                    .offer, token: token, MediaRequest(body: ByteBuffer(string: "offer"), address: address))
            }
        }
        for _ in 0..<WebRTCOffers.limitPerClient { #expect(try await offer(from: "192.0.2.1") == nil) }
        #expect(try await offer(from: "192.0.2.1") == .tooManyRequests(retryAfterSeconds: 10))
        #expect(try await offer(from: "192.0.2.2") == nil)
        for _ in WebRTCOffers.limitPerClient + 1..<WebRTCOffers.limit {
            #expect(try await offer(from: "127.0.0.1") == nil)
        }
        #expect(try await offer(from: "192.0.2.3") == .tooManyRequests(retryAfterSeconds: 10))
        time.now += WebRTCOffers.interval
        #expect(try await offer(from: "192.0.2.1") == nil)
    }

    @Test func theAddressOfThePageIsAddedToAnAnswerWhereItMayBe() async throws {
        let candidate = "a=candidate:1 1 udp 2130706431 172.17.0.2 8189 typ host\r\n"
        let engine = try await LocalServer { _ in
            LocalServer.Reply(status: .created, headers: [("Location", "/x/whep/a")], body: Array(candidate.utf8))
        }
        func answer(_ host: String, offersPageAddress: Bool) async throws -> String {
            let gateway = try await gateway(engine, as: .mediamtx, offersPageAddress: offersPageAddress)
            let answer = try await gateway.signal(
                .offer, token: try token(gateway, "w"), MediaRequest(body: ByteBuffer(string: "offer"), host: host))
            let text = try await body(answer)
            #expect(answer.contentLength == text.utf8.count)
            return text
        }
        #expect(try await answer("192.168.1.5", offersPageAddress: true).contains(" 192.168.1.5 8189 typ host"))
        #expect(try await answer("192.168.1.5", offersPageAddress: false) == candidate)
        #expect(try await answer("cameras.example.org", offersPageAddress: true) == candidate)
    }
}

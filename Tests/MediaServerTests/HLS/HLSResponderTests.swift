import EngineContract
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOPosix
import StreamProtocols
import Testing

@testable import MediaServer

@Suite(.timeLimit(.minutes(1))) struct HLSResponderTests {
    private let fixture: HLSDeliveryFixture
    private let responder: HLSResponder

    init() {
        let fixture = HLSDeliveryFixture()
        self.fixture = fixture
        responder = HLSResponder(delivery: fixture.delivery)
    }

    private func respond(
        _ path: String,
        method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:],
        with responder: HLSResponder? = nil
    ) async throws -> Response {
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "host", path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer())
        )
        let address = try SocketAddress(ipAddress: "192.0.2.1", port: 5000)
        return try await (responder ?? self.responder).respond(
            to: request,
            context: EngineRequestContext(
                remoteAddress: address, eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        )
    }

    private func body(_ response: Response) async throws -> ByteBuffer {
        let collector = BodyCollector()
        try await response.body.write(collector)
        return await collector.buffers.value
    }

    /// Opens `cam` and returns the path of its first segment.
    private func segmentPath() async throws -> String {
        _ = try await fixture.open()
        let playlist = try await fixture.delivery.mediaPlaylist(path: "cam", client: fixture.client())
        return "/cam/" + (try fixture.firstSegment(in: playlist))
    }

    // MARK: Playlists and segments

    @Test func playlistsAreNotCached() async throws {
        _ = try await fixture.open()
        for path in ["/cam/index.m3u8", "/cam/main_stream.m3u8?session=abc"] {
            let response = try await respond(path)
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/vnd.apple.mpegurl")
            #expect(response.headers[.cacheControl] == "no-cache")
            let text = String(buffer: try await body(response))
            #expect(text.hasPrefix("#EXTM3U\n"))
            #expect(text.contains("?session="))
        }
    }

    @Test func segmentsMayBeCachedForever() async throws {
        let response = try await respond(try await segmentPath())
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "video/mp2t")
        #expect(response.headers[.cacheControl]?.contains("immutable") == true)
        #expect(response.headers[.contentLength] == String(try await body(response).readableBytes))
    }

    @Test func viewersShareASegmentsMemory() async throws {
        let path = try await segmentPath()
        let addresses = try await [body(try await respond(path)), body(try await respond(path))].map { buffer in
            buffer.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) }
        }
        #expect(addresses[0] == addresses[1])
    }

    @Test func partsOfASegment() async throws {
        let path = try await segmentPath()
        let whole = Array((try await body(try await respond(path))).readableBytesView)
        let part = try await respond(path, headers: [.range: "bytes=188-375"])
        #expect(part.status == .partialContent)
        #expect(part.headers[.contentRange] == "bytes 188-375/\(whole.count)")
        #expect(Array((try await body(part)).readableBytesView) == Array(whole[188...375]))
        let beyond = try await respond(path, headers: [.range: "bytes=\(whole.count)-"])
        #expect(beyond.status == .rangeNotSatisfiable)
        #expect(beyond.headers[.contentRange] == "bytes */\(whole.count)")
    }

    @Test(arguments: [
        ("_HLS_msn=x", 400), ("_HLS_part=1", 400), ("_HLS_msn=9999999999", 400), ("_HLS_msn=1", 200),
        ("_HLS_msn=1&_HLS_part=2&_HLS_skip=YES", 200), ("_HLS_skip=YES", 200),
    ])
    func whatAPlayerWaitsForIsLookedAt(query: String, status: Int) async throws {
        let fixture = HLSDeliveryFixture { $0.use(.lowLatency) }
        let responder = HLSResponder(delivery: fixture.delivery)
        _ = try await fixture.open()
        let response = try await respond("/cam/main_stream.m3u8?session=abc&" + query, with: responder)
        #expect(response.status.code == status)
        let text = String(buffer: try await body(response))
        #expect(text.contains(status == 200 ? "#EXT-X-PRELOAD-HINT:TYPE=PART" : "_HLS_msn"))
    }

    @Test func headIsGetWithoutABody() async throws {
        let path = try await segmentPath()
        for path in [path, "/cam/index.m3u8", "/cam/main_stream.m3u8"] {
            let get = try await respond(path)
            let head = try await respond(path, method: .head)
            #expect(head.status == .ok)
            #expect(head.headers[.contentType] == get.headers[.contentType])
            #expect(Int(head.headers[.contentLength] ?? "").map { $0 > 0 } == true)
            #expect(try await body(head).readableBytes == 0)
        }
    }

    // MARK: Where things are

    @Test(arguments: [
        ("/cam", "cam/"), ("/site/cam?x=1", "cam/?x=1"), ("/site/cam/", "index.m3u8"),
    ])
    func sendsPlayersOnByRelativeAddresses(path: String, location: String) async throws {
        let response = try await respond(path)
        #expect(response.status == .found)
        #expect(response.headers[.location] == location)
    }

    @Test(arguments: ["/", "/favicon.ico", "/a/../b/index.m3u8", "/cam/nothing.ts"])
    func unknownAddressesAreNotFound(path: String) async throws {
        let response = try await respond(path)
        #expect(response.status == .notFound)
        #expect(String(buffer: try await body(response)).contains("\"status\":\"error\""))
        #expect(response.headers[.cacheControl] == "no-cache")
    }

    @Test(arguments: [
        (HLSRefusal.noStream(path: "cam"), 404), (.sourceTimedOut(path: "cam"), 500),
        (.tooManyReaders(path: "cam"), 503),
    ])
    func refusalsHaveTheirStatus(refusal: HLSRefusal, status: Int) async throws {
        await fixture.source.set(refusal: refusal)
        let response = try await respond("/cam/index.m3u8")
        #expect(response.status.code == status)
        #expect(String(buffer: try await body(response)).contains("cam"))
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .patch])
    func otherMethodsAreNotAllowed(method: HTTPRequest.Method) async throws {
        let response = try await respond("/cam/index.m3u8", method: method)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "OPTIONS, GET, HEAD")
        #expect(await fixture.source.attachmentCount == 0)
    }

    // MARK: Credentials

    /// RFC 7617 §2: `viewer:right` in base64.
    @Test(arguments: ["Basic dmlld2VyOnJpZ2h0", "basic dmlld2VyOnJpZ2h0", "Bearer viewer:right"])
    func acceptsCredentials(header: String) async throws {
        await fixture.source.set(password: "right")
        _ = try await fixture.open("cam", fixture.client(password: "right"))
        let response = try await respond("/cam/index.m3u8", headers: [.authorization: header])
        #expect(response.status == .ok)
    }

    @Test(arguments: [nil, "Basic dmlld2VyOndyb25n", "Basic !", "Digest username=\"viewer\"", "Bearer right"])
    func asksForCredentials(header: String?) async throws {
        await fixture.source.set(password: "right")
        var headers = HTTPFields()
        headers[.authorization] = header
        let response = try await respond("/cam/index.m3u8", headers: headers)
        #expect(response.status == .unauthorized)
        #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Basic realm=") == true)
        // A page of another origin may see that it has to ask for a password.
        #expect(response.headers[.accessControlAllowOrigin] == "*")
    }

    // MARK: Other origins

    @Test func aPreflightNeedsNoCredentials() async throws {
        await fixture.source.set(password: "right")
        let response = try await respond(
            "/cam/index.m3u8",
            method: .options,
            headers: [.origin: "http://page", .accessControlRequestMethod: "GET"]
        )
        #expect(response.status == .noContent)
        #expect(response.headers[.accessControlAllowOrigin] == "*")
        #expect(response.headers[.accessControlAllowMethods] == "OPTIONS, GET, HEAD")
        #expect(response.headers[.accessControlAllowHeaders] == "Authorization, Range")
        #expect(await fixture.source.authorizationCount == 0)
    }

    @Test(arguments: [
        ("https://a.example", true), ("https://cam.b.example", true), ("https://b.example", false),
        ("http://cam.b.example", false), ("https://evilb.example", false), ("https://a.example.evil", false),
        ("null", false),
    ])
    func onlyTheOriginsOfTheSettingsAreAllowed(origin: String, isAllowed: Bool) async throws {
        let fixture = HLSDeliveryFixture { $0.allowOrigins = ["https://a.example", "https://*.b.example"] }
        let responder = HLSResponder(delivery: fixture.delivery)
        let response = try await respond("/cam", headers: [.origin: origin], with: responder)
        #expect(response.headers[.accessControlAllowOrigin] == (isAllowed ? origin : nil))
        #expect(response.headers[.vary] == "Origin")
    }

    @Test(arguments: [
        (["https://a.example"], "https://a.example", true), (["https://a.example"], "https://b.example", false),
        (["*"], "https://a.example", false), ([], "https://a.example", false),
    ])
    func onlyNamedOriginsReadFromAPublicNetwork(origins: [String], origin: String, isAllowed: Bool) async throws {
        let fixture = HLSDeliveryFixture { $0.allowOrigins = origins }
        let response = try await respond(
            "/cam/index.m3u8", method: .options,
            headers: [
                .origin: origin, .accessControlRequestMethod: "GET", .accessControlRequestPrivateNetwork: "true",
            ], with: HLSResponder(delivery: fixture.delivery))
        #expect(response.headers[.accessControlAllowPrivateNetwork] == (isAllowed ? "true" : nil))
    }
}

/// Puts a response's body together.
private struct BodyCollector: ResponseBodyWriter {
    actor Buffers {
        private(set) var value = ByteBuffer()

        /// The first buffer itself, so that a test can see whether memory is shared.
        func append(_ buffer: ByteBuffer) {
            if value.readableBytes == 0 {
                value = buffer
            } else {
                value.writeImmutableBuffer(buffer)
            }
        }
    }

    let buffers = Buffers()

    mutating func write(_ buffer: ByteBuffer) async throws {
        await buffers.append(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

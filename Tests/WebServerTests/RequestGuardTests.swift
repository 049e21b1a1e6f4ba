import HTTPTypes
import HummingbirdTesting
import NIOCore
import StreamModel
import Testing
import WebSecurity

@testable import WebServer

@Suite("What a foreign web page may not do")
struct RequestGuardTests {
    private let guardian = RequestGuard(
        ownNames: HostName.names(ofMachine: "Barn.lan").union(["shed"]), setting: "the settings")

    @Test(
        "names that are not ours are refused (DNS rebinding)",
        arguments: [
            ("evil.example", HTTPResponse.Status.forbidden), ("localhost:8100", nil), ("192.168.1.5:8100", nil),
            ("[::1]:8100", nil), ("barn.local:8100", nil), ("barn", nil), ("barn.lan", nil),
            ("printer.local", .forbidden),
            (".local", .forbidden), ("shed", nil), ("a b", .badRequest),
            ("localhost.evil.example", .forbidden), (nil, .badRequest),
        ] as [(String?, HTTPResponse.Status?)])
    func names(host: String?, status: HTTPResponse.Status?) {
        let request = HTTPRequest(method: .get, scheme: nil, authority: host, path: "/")
        #expect(guardian.refusal(of: request)?.status == status)
    }

    @Test(
        "writes from another origin are refused, reads and programs are not",
        arguments: [
            ("http://evil.example", HTTPResponse.Status.forbidden), ("null", .forbidden),
            ("http://127.0.0.1:8101", .forbidden), ("http://127.0.0.1:8100", nil), (nil, nil),
        ] as [(String?, HTTPResponse.Status?)])
    func origins(origin: String?, status: HTTPResponse.Status?) {
        var request = HTTPRequest(method: .patch, scheme: nil, authority: "127.0.0.1:8100", path: "/")
        request.headerFields[.origin] = origin
        #expect(guardian.refusal(of: request)?.status == status)
        request.method = .get
        #expect(guardian.refusal(of: request) == nil)
        request.headerFields[.upgrade] = "websocket"
        #expect(guardian.refusal(of: request)?.status == status, "what comes by a WebSocket a foreign page can read")
    }

    @Test("a write that the browser itself calls foreign is refused")
    func fetchMetadata() {
        var request = HTTPRequest(method: .delete, scheme: nil, authority: "127.0.0.1:8100", path: "/")
        request.headerFields[.fetchSite] = "cross-site"
        #expect(guardian.refusal(of: request)?.status == .forbidden)
        request.headerFields[.fetchSite] = "same-origin"
        #expect(guardian.refusal(of: request) == nil)
    }

    @Test("a proxy may have left out the port of Host, where the browser calls a write its own page's")
    func portLeftOut() {
        var request = HTTPRequest(method: .put, scheme: nil, authority: "barn.lan", path: "/")
        request.headerFields[.origin] = "https://barn.lan:8443"
        #expect(guardian.refusal(of: request)?.status == .forbidden)
        request.headerFields[.fetchSite] = "same-origin"
        #expect(guardian.refusal(of: request) == nil)
    }

    @Test(
        "what a trusted proxy says we are called is checked beside Host, not in its place",
        arguments: [
            ("127.0.0.1:8100", "barn.lan", nil), ("127.0.0.1:8100", "evil.example", .forbidden),
            ("evil.example", "barn.lan", .forbidden), ("127.0.0.1:8100", "a b", .badRequest),
        ] as [(String, String, HTTPResponse.Status?)])
    func forwardedNames(host: String, forwarded: String, status: HTTPResponse.Status?) {
        let request = HTTPRequest(method: .get, scheme: nil, authority: host, path: "/")
        #expect(guardian.refusal(of: request, forwardedAuthority: forwarded)?.status == status)
    }

    @Test("a page that a trusted proxy names the host of may write")
    func forwardedOrigin() {
        var request = HTTPRequest(method: .post, scheme: nil, authority: "127.0.0.1:8100", path: "/")
        request.headerFields[.origin] = "https://barn.lan"
        #expect(guardian.refusal(of: request)?.status == .forbidden)
        #expect(guardian.refusal(of: request, forwardedAuthority: "barn.lan") == nil)
    }

    @Test("where every name is ours, other sites' pages still may not write")
    func anyName() {
        let guardian = RequestGuard(ownNames: nil, setting: "")
        var request = HTTPRequest(method: .post, scheme: nil, authority: "home.example:8123", path: "/")
        request.headerFields[.origin] = "http://home.example:8123"
        #expect(guardian.refusal(of: request) == nil)
        request.headerFields[.origin] = "http://evil.example"
        #expect(guardian.refusal(of: request)?.status == .forbidden)
        request.headerFields[.origin] = nil
        request.headerFields[.fetchSite] = "cross-site"
        #expect(guardian.refusal(of: request)?.status == .forbidden)
    }

    @Test("a page of an origin that is allowed may write")
    func allowedOrigins() {
        var guardian = guardian
        guardian.allowedOrigins = ["https://panel.example"]
        var request = HTTPRequest(method: .post, scheme: nil, authority: "127.0.0.1:8100", path: "/")
        request.headerFields[.fetchSite] = "cross-site"
        request.headerFields[.origin] = "https://panel.example"
        #expect(guardian.refusal(of: request) == nil)
        request.headerFields[.origin] = "https://panel.example.evil.example"
        #expect(guardian.refusal(of: request)?.status == .forbidden)
    }

    @Test("the guard stands before every route")
    func isInForce() async throws {
        try await WebServerFixture().test { client in
            let response = try await client.send(.post, "/api/cameras", [:], headers: [.origin: "http://evil.example"])
            #expect(response.status == .forbidden)
        }
    }
}

@Suite("The web pages")
struct PageTests {
    @Test(
        "pages and scripts are served with their types",
        arguments: [
            ("/", "text/html; charset=utf-8"), ("/settings", "text/html; charset=utf-8"),
            ("/settings.html", "text/html; charset=utf-8"), ("/js/a.mjs", "text/javascript; charset=utf-8"),
        ])
    func types(path: String, contentType: String) async throws {
        try await WebServerFixture().test { client in
            let response = try await client.send(.get, path)
            #expect(response.status == .ok && response.headers[.contentType] == contentType)
            #expect(response.headers[.contentSecurityPolicy]?.contains("script-src 'self';") == true)
            let tag = try #require(response.headers[.eTag])
            let again = try await client.send(.get, path, headers: [.ifNoneMatch: tag])
            #expect(again.status == .notModified && again.body.readableBytes == 0)
        }
    }

    @Test(
        "nothing else in or around the folder is served",
        arguments: [
            "/build.sh", "/../outside.html", "/%2e%2e/outside.html", "/js/../../outside.html", "/js", "/index.html/",
        ])
    func outside(path: String) async throws {
        try await WebServerFixture().test { client in
            let response = try await client.send(.get, path)
            #expect(response.status == .notFound)
        }
    }
}

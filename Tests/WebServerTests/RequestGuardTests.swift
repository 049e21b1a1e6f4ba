import HTTPTypes
import HummingbirdTesting
import StreamModel
import Testing

@testable import WebServer

@Suite("What a foreign web page may not do")
struct RequestGuardTests {
    private static let host = HTTPField.Name("Host")!

    @Test(
        "names that are not ours are refused (DNS rebinding)",
        arguments: [
            ("evil.example", HTTPResponse.Status.forbidden), ("localhost:8100", .ok), ("192.168.1.5:8100", .ok),
            ("[::1]:8100", .ok), ("homeassistant.local:8100", .ok), ("shed", .ok), ("a b", .badRequest),
        ])
    func names(host: String, status: HTTPResponse.Status) async throws {
        try await WebServerFixture().test { client in
            let response = try await client.send(.get, "/api/streams/health", headers: [Self.host: host])
            #expect(response.status == status)
        }
    }

    @Test(
        "writes from another origin are refused, reads and programs are not",
        arguments: [
            ("http://evil.example", HTTPResponse.Status.forbidden), ("null", .forbidden),
            ("http://127.0.0.1:8101", .forbidden),
            ("http://127.0.0.1:8100", .ok), ("", .ok),
        ])
    func origins(origin: String, status: HTTPResponse.Status) async throws {
        try await WebServerFixture().test { client in
            let headers: HTTPFields = origin.isEmpty ? [:] : [.origin: origin]
            #expect(try await client.send(.patch, "/api/streams/settings", [:], headers: headers).status == status)
            #expect(try await client.send(.get, "/api/streams/settings", headers: headers).status == .ok)
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
            #expect(try await client.send(.get, path).status == .notFound)
        }
    }
}

import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import StreamModel

@testable import WebServer

/// A web server with a store of its own and a page, whose engine and workers are never started.
struct WebServerFixture {
    let server: WebServer
    let listener: Listener
    private let directory: URL

    init(
        access: AccessMode = .open, administratorPassword: String? = nil, listener: Listener = .direct
    ) throws {
        self.listener = listener
        directory = FileManager.default.temporaryDirectory.appending(path: "web-server-tests-\(UUID().uuidString)")
        let pages = directory.appending(path: "pages")
        try FileManager.default.createDirectory(at: pages.appending(path: "js"), withIntermediateDirectories: true)
        try Data("<p>streams</p>".utf8).write(to: pages.appending(path: "index.html"))
        try Data("<p>settings</p>".utf8).write(to: pages.appending(path: "settings.html"))
        try Data("export {}".utf8).write(to: pages.appending(path: "js/a.mjs"))
        try Data("secret".utf8).write(to: pages.appending(path: "build.sh"))
        try Data("secret".utf8).write(to: directory.appending(path: "outside.html"))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let service = try StreamingService(
            StreamingServiceConfiguration(
                dataDirectory: directory.appending(path: "data").path, executable: "/bin/false", access: access,
                administratorPassword: administratorPassword.map { Secret($0) }),
            logger: logger)
        server = WebServer(
            WebServerConfiguration(
                host: "127.0.0.1", port: 0, allowedHosts: ["shed"], machineName: "barn.lan", version: "0"),
            service: service,
            files: try WebUIFiles(directory: pages.path), logger: logger, onListening: { _ in })
    }

    /// Runs a test against the router, and removes the fixture's files.
    func test(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try await Application(responder: server.makeResponder(listener)).test(.router) { client in
            try await body(client)
        }
    }

    /// Runs a test by connections to a listener that has these routes.
    func test(
        _ routes: [APIRoute], _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let router = Router(context: WebRequestContext.self)
        APIRouter(routes: routes).register(in: router)
        let application = Application(
            router: router, server: server.makeServer(listener),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)))
        try await application.test(.live) { client in try await body(client) }
    }
}

extension TestClientProtocol {
    /// Sends a request as a program on this machine does.
    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await executeRequest(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(bytes: $0.data) })
    }
}

extension TestResponse {
    /// The body as JSON; null when it is none.
    var json: JSONValue { (try? JSONValue(parsing: Data(body.readableBytesView))) ?? .null }
}

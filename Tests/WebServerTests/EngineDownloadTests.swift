import HTTPTypes
import HummingbirdTesting
import StreamModel
import Testing

@testable import WebServer

@Suite("The download of MediaMTX, over HTTP")
struct EngineDownloadTests {
    private let path = "/api/streams/engine/download"

    @Test("before anything was asked for it says what would be installed")
    func idle() async throws {
        let path = path
        try await WebServerFixture().test { client in
            let download = try await client.send(.get, path)
            #expect(download.status == .ok)
            #expect(download.json["state"] == "idle" && download.json["version"] == "v1.16.2")
            #expect(download.json["bytes"] == 0 && download.json["total_bytes"] == .null)
            let status = try await client.send(.get, "/api/streams/engine/status")
            #expect(status.json["download"]?["state"] == "idle")
        }
    }

    @Test("a cancellation of nothing changes nothing, and other methods are 405")
    func cancelling() async throws {
        let path = path
        try await WebServerFixture().test { client in
            #expect(try await client.send(.delete, path).json["state"] == "idle")
            let put = try await client.send(.put, path, [:])
            #expect(put.status == .methodNotAllowed)
            #expect(put.headers[.allow] == "DELETE, GET, HEAD, POST")
        }
    }
}

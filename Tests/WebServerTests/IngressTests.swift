import ConnectionLimits
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import StreamModel
import Testing

@testable import WebServer

@Suite("Home Assistant's ingress")
struct IngressTests {
    private static func ingress(role: Role = .admin, administrators: Set<String> = []) throws -> Listener {
        let peer = try #require(IPNetwork(IngressConfiguration.supervisor))
        return .ingress(
            IngressConfiguration(port: 8099, peer: peer, role: role, administrators: administrators))
    }

    private static let headers: HTTPFields = [
        .remoteUserID: "0123abcd", .remoteUserName: "ana", .remoteUserDisplayName: "Ana Souza",
    ]

    @Test("Whoever comes by it has signed in to Home Assistant, and may do what the role says")
    func identity() async throws {
        let fixture = try WebServerFixture(
            access: .account, administratorPassword: "correct horse", listener: try Self.ingress())
        try await fixture.test { client in
            let session = try await client.send(.get, "/api/session", headers: Self.headers).json
            #expect(session["user"] == ["name": "Ana Souza", "role": "admin"])
            #expect(session["can_sign_out"] == false)
            #expect(try await client.send(.get, "/api/users", headers: Self.headers).status == .ok)
            // Core has not told Supervisor who it is.
            #expect(try await client.send(.get, "/api/users").status == .ok)
            let left = try await client.send(.delete, "/api/session", headers: Self.headers)
            #expect(left.status == .ok && left.headers[.setCookie] == nil)
        }
    }

    @Test("With the role viewer, all users are viewers except the named administrators")
    func viewers() async throws {
        let listener = try Self.ingress(role: .viewer, administrators: ["ana", "4567"])
        let fixture = try WebServerFixture(access: .account, administratorPassword: "correct horse", listener: listener)
        try await fixture.test { client in
            func status(_ id: String, _ name: String) async throws -> HTTPResponse.Status {
                let headers: HTTPFields = [.remoteUserID: id, .remoteUserName: name, .remoteUserDisplayName: "ana"]
                #expect(try await client.send(.get, "/api/streams/transmissions", headers: headers).status == .ok)
                return try await client.send(.get, "/api/users", headers: headers).status
            }
            let statuses = [
                try await status("0123", "Ana"), try await status("4567", "bob"), try await status("89ab", "eve"),
            ]
            #expect(statuses == [.ok, .ok, .forbidden])
        }
    }

    @Test("On the other listener its header fields mean nothing")
    func elsewhere() async throws {
        let fixture = try WebServerFixture(access: .account, administratorPassword: "correct horse")
        try await fixture.test { client in
            let users = try await client.send(.get, "/api/users", headers: Self.headers)
            #expect(users.status == .unauthorized)
            let session = try await client.send(.get, "/api/session", headers: Self.headers)
            #expect(session.json["user"] == .null)
        }
    }

    @Test("Pages of other sites may change nothing by it")
    func foreignPages() async throws {
        let fixture = try WebServerFixture(access: .account, listener: try Self.ingress())
        try await fixture.test { client in
            func status(_ headers: HTTPFields) async throws -> HTTPResponse.Status {
                try await client.send(.post, "/api/session", [:], headers: headers).status
            }
            let statuses = [
                try await status([.origin: "http://localhost"]), try await status([.origin: "http://evil.example"]),
            ]
            #expect(statuses == [.unprocessableContent, .forbidden])
        }
    }
}

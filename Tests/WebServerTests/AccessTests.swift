import ControlPlane
import HTTPTypes
import HummingbirdTesting
import NIOCore
import StreamModel
import Testing

@testable import WebServer

@Suite("Access to routes")
struct AccessTests {
    @Test("Every route asks for the role that it names, and only those that say so need none")
    func allRoutes() async throws {
        let fixture = try WebServerFixture(access: .account, administratorPassword: "correct horse")
        let routes = fixture.server.routes
        #expect(
            Set(routes.filter { $0.access == .everyone }.map(\.operationID)) == [
                "getHealth", "getSession", "signIn",
                // Their addresses say who may use them.
                "getMedia", "endPlayback", "getICEServers", "offerPlayback", "sendCandidates", "endWebRTCSession",
                "openPlaybackSocket",
            ])
        try await fixture.test { client in
            let admin = try await token(client, role: "admin")
            let viewer = try await token(client, role: "viewer")
            for route in routes where route.operationID != "signOut" {
                // The events would never end.
                let query = route.operationID == "followState" ? "?follow=false" : ""
                let path = route.path.replacing(#/\{[a-z_]+\}/#, with: "no-such-thing") + query
                func status(_ token: String?) async throws -> HTTPResponse.Status {
                    try await client.send(
                        route.method, path, headers: token.map { [.authorization: "Bearer \($0)"] } ?? [:]
                    ).status
                }
                let statuses = [try await status(nil), try await status("tsp_wrong"), try await status(viewer)]
                switch route.access {
                case .everyone:
                    #expect(!statuses.contains(.unauthorized) || route.operationID == "signIn", "\(route.operationID)")
                case .viewer:
                    #expect(statuses[0] == .unauthorized && statuses[1] == .unauthorized, "\(route.operationID)")
                    // A made-up token opens nothing for anybody.
                    let isOpen = route.operationID == "renewPlayback" || statuses[2] != .forbidden
                    #expect(statuses[2] != .unauthorized && isOpen, "\(route.operationID)")
                case .admin:
                    #expect(statuses == [.unauthorized, .unauthorized, .forbidden], "\(route.operationID)")
                }
                // Starting the engine, for one, takes its time; that an administrator may is seen by one request.
                if route.operationID == "listUsers" { #expect(try await status(admin) == .ok) }
            }
        }
    }

    @Test("Viewers are told of no destination")
    func destinations() async throws {
        let fixture = try WebServerFixture(access: .account, administratorPassword: "correct horse")
        try await fixture.test { client in
            let admin: HTTPFields = [.authorization: "Bearer \(try await token(client, role: "admin"))"]
            let viewer: HTTPFields = [.authorization: "Bearer \(try await token(client, role: "viewer"))"]
            let created = try await client.send(
                .post, "/api/streams/transmissions",
                [
                    "name": "Door", "path": "door",
                    "destinations": [
                        ["id": "d", "kind": "rtmp", "address": "rtmp://private.example/app", "key": "k1"]
                    ],
                ], headers: admin)
            #expect(created.status == .ok)
            let id = try #require(created.json["id"]?.stringValue)
            for path in ["/api/streams/transmissions", "/api/streams/transmissions/\(id)"] {
                let shown = try await client.send(.get, path, headers: viewer)
                #expect(shown.status == .ok && !String(buffer: shown.body).contains("private.example"))
                let full = try await client.send(.get, path, headers: admin)
                #expect(
                    String(buffer: full.body).contains("private.example") && !String(buffer: full.body).contains("k1"))
            }
            let destination = "/api/streams/transmissions/\(id)/destinations/"
            let switched = try await client.send(.patch, destination + "d", ["active": true], headers: admin)
            #expect(switched.json["active"] == true && switched.json["key_set"] == true)
            #expect(
                try await client.send(.patch, destination + "e", ["active": true], headers: admin).status == .notFound)
            #expect(
                try await client.send(.patch, destination + "d", [:], headers: admin).status == .unprocessableContent)
        }
    }

    @Test("Who has not signed in as an administrator sends little")
    func smallBodies() async throws {
        let fixture = try WebServerFixture(access: .account, administratorPassword: "correct horse")
        let others = fixture.server.routes.filter { $0.access != .admin }
        #expect(others.allSatisfy { $0.bodyLimit <= 64 << 10 })
        try await fixture.test { client in
            let name = JSONValue.string(String(repeating: "x", count: APIRouter.smallBodySize))
            let large = try await client.send(.post, "/api/session", ["name": name, "password": "wrong"])
            #expect(large.status == .contentTooLarge)
        }
    }

    @Test("Names that take long to compare are compared with nothing")
    func marks() async throws {
        let marks = String(repeating: "%CD%85%CC%80", count: 20)
        try await WebServerFixture().test { client in
            for path in ["/api/cameras/\(marks)", "/api/events?follow=\(marks)"] {
                let answer = try await client.send(.get, path)
                #expect(answer.status == .badRequest, "\(path)")
            }
            let accent = try await client.send(.get, "/api/cameras/caf%C3%A9")
            #expect(accent.status == .notFound)
        }
    }

    @Test("Signing in sets a cookie that scripts can't read, signing out ends it")
    func cookie() async throws {
        let fixture = try WebServerFixture(access: .account, administratorPassword: "correct horse")
        try await fixture.test { client in
            let before = try await client.send(.get, "/api/session")
            #expect(before.json["user"] == .null)
            #expect(before.json["access"] == "account")
            let wrong = try await client.send(.post, "/api/session", ["name": "admin", "password": "wrong"])
            #expect(wrong.status == .unauthorized)
            #expect(wrong.headers[.setCookie] == nil)
            let signedIn = try await client.send(.post, "/api/session", ["name": "admin", "password": "correct horse"])
            #expect(signedIn.status == .ok)
            let cookie = try #require(signedIn.headers[.setCookie])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Path"))
            let pair = String(try #require(cookie.split(separator: ";").first))
            #expect(!String(buffer: signedIn.body).contains(pair.split(separator: "=")[1]))
            let headers: HTTPFields = [.cookie: pair]
            #expect(try await client.send(.get, "/api/users", headers: headers).status == .ok)
            #expect(try await client.send(.delete, "/api/session", headers: headers).status == .ok)
            #expect(try await client.send(.get, "/api/users", headers: headers).status == .unauthorized)
        }
    }

    @Test("A page of another site can't sign anybody in or out")
    func foreignPage() async throws {
        let fixture = try WebServerFixture(access: .account, administratorPassword: "correct horse")
        try await fixture.test { client in
            let answer = try await client.send(
                .post, "/api/session", ["name": "admin", "password": "correct horse"],
                headers: [.origin: "https://evil.example"])
            #expect(answer.status == .forbidden)
            #expect(answer.headers[.setCookie] == nil)
        }
    }

    private func token(_ client: any TestClientProtocol, role: String) async throws -> String {
        let signedIn = try await client.send(.post, "/api/session", ["name": "admin", "password": "correct horse"])
        let pair = try #require(signedIn.headers[.setCookie]?.split(separator: ";").first.map(String.init))
        let made = try await client.send(
            .post, "/api/tokens", ["name": .string(role), "role": .string(role)], headers: [.cookie: pair])
        return try #require(made.json["token"]?.stringValue)
    }
}

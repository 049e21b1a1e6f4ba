import Foundation
import HTTPTypes
import HummingbirdTesting
import StreamModel
import Testing

@testable import WebServer

@Suite("Where and as whom transmissions are watched")
struct WatchingTests {
    private func create(_ path: String, _ outputs: JSONValue, in client: any TestClientProtocol) async throws -> String
    {
        let created = try await client.send(
            .post, "/api/streams/transmissions",
            ["name": .string(path), "path": .string(path), "outputs": outputs])
        return try #require(created.json["id"]?.stringValue)
    }

    private func output(_ kind: String, password: String? = nil) -> JSONValue {
        var members: [String: JSONValue] = ["id": .string(kind), "protocol": .string(kind)]
        if let password {
            members["authentication"] = ["enabled": true, "username": "u", "password": .string(password)]
        }
        return .object(members)
    }

    private func basic(_ user: String, _ password: String) -> HTTPFields {
        [.authorization: "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"]
    }

    @Test("all addresses come with one request, the same as one by one")
    func addresses() async throws {
        try await WebServerFixture().test { client in
            for path in ["a", "b"] { _ = try await create(path, [output("hls"), output("rtsp")], in: client) }
            let all = try await client.send(.get, "/api/streams/urls")
            #expect(all.status == .ok && all.json["engine_running"] == false)
            let transmissions = try #require(all.json["transmissions"]?.arrayValue)
            #expect(transmissions.count == 2)
            for one in transmissions {
                let id = one["transmission_id"]?.stringValue ?? ""
                #expect(try await client.send(.get, "/api/streams/transmissions/\(id)/urls?prime=false").json == one)
            }
            #expect(try await client.send(.get, "/api/streams/urls?prime=perhaps").status == .unprocessableContent)
        }
    }

    @Test("an output that the engine can't play says so where its address stands, and when it is made")
    func webRTC() async throws {
        try await WebServerFixture().test { client in
            let created = try await client.send(
                .post, "/api/streams/transmissions",
                ["name": "Door", "path": "door", "outputs": [output("hls"), output("webrtc")]])
            #expect(created.headers[.toposyncWarning]?.contains("does not play WebRTC") == true)
            let id = created.json["id"]?.stringValue ?? ""
            let urls = try await client.send(.get, "/api/streams/transmissions/\(id)/urls").json
            let problems = (urls["outputs"]?.arrayValue ?? []).map { $0["problem"]?.stringValue }
            #expect(problems[0] == nil && problems[1]?.contains("does not play WebRTC") == true)
            #expect(urls["warnings"]?.arrayValue?.contains { $0.stringValue == problems[1] } == true)
            let other = try await client.send(
                .put, "/api/streams/transmissions/\(id)", ["name": "Door", "path": "door", "outputs": [output("hls")]])
            #expect(other.headers[.toposyncWarning] == nil)
        }
    }

    @Test("a still needs the password of one of the outputs, unless one is open")
    func stillsAreProtected() async throws {
        try await WebServerFixture().test { client in
            let id = try await create(
                "door", [output("hls", password: "pw 1"), output("rtsp", password: "pw2")], in: client)
            let still = "/api/streams/transmissions/\(id)/still.jpg?wait=false"
            let asked = try await client.send(.get, still)
            #expect(asked.status == .unauthorized && asked.headers[.wwwAuthenticate]?.hasPrefix("Basic ") == true)
            let script = try await client.send(.get, still, headers: [.requestedWith: "fetch"])
            #expect(script.status == .unauthorized && script.headers[.wwwAuthenticate]?.hasPrefix("Basic") == false)
            #expect(try await client.send(.get, still, headers: basic("u", "wrong")).status == .unauthorized)
            #expect(try await client.send(.get, still, headers: [.authorization: "Basic !"]).status == .unauthorized)
            for password in ["pw 1", "pw2"] {
                // There is no picture, but one may look for it.
                #expect(try await client.send(.get, still, headers: basic("u", password)).status == .noContent)
            }
            let open = try await create("open", [output("hls", password: "pw"), output("rtsp")], in: client)
            #expect(
                try await client.send(.get, "/api/streams/transmissions/\(open)/still.jpg?wait=false").status
                    == .noContent)
        }
    }
}

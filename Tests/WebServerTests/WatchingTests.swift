import ControlPlane
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
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

    /// Each answer has tokens of its own.
    private func withoutTokens(_ urls: JSONValue) -> JSONValue {
        var members = urls.objectValue ?? [:]
        members["outputs"] = .array(
            (urls["outputs"]?.arrayValue ?? []).map { output in
                .object((output.objectValue ?? [:]).filter { !$0.key.hasSuffix("playback_url") })
            })
        return .object(members)
    }

    private func playbackURL(
        _ outputID: String, of id: String, _ client: any TestClientProtocol, _ headers: HTTPFields = [:]
    )
        async throws -> String?
    {
        let urls = try await client.send(
            .get, "/api/streams/transmissions/\(id)/urls?prime=false", headers: headers
        ).json
        return urls["outputs"]?.arrayValue?.first { $0["output_id"]?.stringValue == outputID }?["playback_url"]?
            .stringValue
    }

    @Test("pages play HLS below this server's own root, by an address that nobody can make up")
    func playback() async throws {
        try await WebServerFixture().test { client in
            let id = try await create("door", [output("hls"), output("rtsp")], in: client)
            let url = try #require(try await playbackURL("hls", of: id, client))
            #expect(url.hasPrefix("api/media/") && url.hasSuffix("/index.m3u8"))
            #expect(try await playbackURL("rtsp", of: id, client) == nil)
            #expect(try await playbackURL("hls", of: id, client) != url)
            // The engine does not run; a token that is none does not come so far.
            let away = try await client.send(.get, "/" + url)
            #expect(away.status == .badGateway && away.json["detail"]?.stringValue?.isEmpty == false)
            let foreign = try await client.send(.get, "/api/media/AAAA/index.m3u8")
            #expect(foreign.status == .forbidden)
            #expect(foreign.headers[.cacheControl] == "no-store")
            for name in ["..%2f..%2fapi", "%2e%2e", "x.html", "a%0d%0ab.ts"] {
                let hostile = try await client.send(.get, "/" + url.replacing("index.m3u8", with: name))
                #expect(hostile.status == .notFound, "\(name)")
            }
        }
    }

    @Test("a viewer goes on watching until it leaves")
    func renewal() async throws {
        try await WebServerFixture().test { client in
            let id = try await create("door", [output("hls")], in: client)
            let viewer =
                "/"
                + (try #require(try await playbackURL("hls", of: id, client))).replacing("index.m3u8", with: "viewer")
            let renewed = try await client.send(.post, viewer)
            #expect(renewed.status == .ok && renewed.json["playback_expires_in_seconds"] == 180)
            #expect(try await client.send(.delete, viewer).json == ["ended": true])
            #expect(try await client.send(.post, viewer).status == .forbidden)
            #expect(try await client.send(.get, viewer.replacing("viewer", with: "index.m3u8")).status == .forbidden)
        }
    }

    @Test("a changed password ends the addresses of before")
    func changedPassword() async throws {
        try await WebServerFixture().test { client in
            let id = try await create("door", [output("hls")], in: client)
            let url = "/" + (try #require(try await playbackURL("hls", of: id, client)))
            _ = try await client.send(
                .put, "/api/streams/transmissions/\(id)",
                ["name": "Door", "path": "door", "outputs": [output("hls", password: "pw")]])
            #expect(try await client.send(.get, url).status == .forbidden)
        }
    }

    @Test("where nobody signs in, an output's password is asked for")
    func protectedPlayback() async throws {
        try await WebServerFixture().test { client in
            let id = try await create("door", [output("hls", password: "hunter2!")], in: client)
            #expect(try await playbackURL("hls", of: id, client) == nil)
            let path = "/api/streams/transmissions/\(id)/outputs/hls/playback"
            let asked = try await client.send(.post, path, headers: [.requestedWith: "fetch"])
            #expect(asked.status == .unauthorized && asked.headers[.wwwAuthenticate]?.hasPrefix("x-Basic") == true)
            #expect(try await client.send(.post, path, headers: basic("u", "wrong")).status == .unauthorized)
            let given = try await client.send(.post, path, headers: basic("u", "hunter2!"))
            #expect(given.status == .ok && given.json["playback_url"]?.stringValue?.hasPrefix("api/media/") == true)
            #expect(!String(buffer: given.body).contains("hunter2!"))
            #expect(try await client.send(.post, path.replacing("/hls/", with: "/x/")).status == .notFound)
        }
    }

    @Test(
        "who guesses an output's password has to wait, however many tries come at once",
        arguments: [(HTTPRequest.Method.post, "outputs/hls/playback"), (.get, "still.jpg")])
    func guessing(_ method: HTTPRequest.Method, _ what: String) async throws {
        try await WebServerFixture().test { client in
            let id = try await create("door", [output("hls", password: "hunter2!")], in: client)
            let path = "/api/streams/transmissions/\(id)/\(what)"
            let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for guess in 0..<60 {
                    group.addTask { try await client.send(method, path, headers: basic("u", "\(guess)")) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // After the first five, each look takes twice as long to come as the last: 60 of them take a year.
            let looks = answers.count { $0.status == .unauthorized }
            #expect(looks >= 5 && looks < 30)
            let early = answers.filter { $0.status == .tooManyRequests }
            #expect(early.count == 60 - looks)
            #expect(early.allSatisfy { $0.headers[.retryAfter] != nil })
        }
    }

    @Test("who has signed in watches every output, and nobody else gets an address")
    func signedInPlayback() async throws {
        try await WebServerFixture(access: .account, administratorPassword: "correct horse").test { client in
            let signedIn = try await client.send(.post, "/api/session", ["name": "admin", "password": "correct horse"])
            let cookie = try #require(signedIn.headers[.setCookie]?.split(separator: ";").first.map(String.init))
            let headers: HTTPFields = [.cookie: cookie]
            let created = try await client.send(
                .post, "/api/streams/transmissions",
                ["name": "Door", "path": "door", "outputs": [output("hls", password: "pw")]], headers: headers)
            let id = try #require(created.json["id"]?.stringValue)
            let url = "/" + (try #require(try await playbackURL("hls", of: id, client, headers)))
            #expect(try await playbackURL("hls", of: id, client) == nil)
            // The address alone opens the stream (whose engine does not run), and does not renew itself.
            #expect(try await client.send(.get, url).status == .badGateway)
            #expect(try await client.send(.post, url.replacing("index.m3u8", with: "viewer")).status == .unauthorized)
        }
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
                let alone = try await client.send(.get, "/api/streams/transmissions/\(id)/urls?prime=false")
                #expect(withoutTokens(alone.json) == withoutTokens(one))
            }
            #expect(try await client.send(.get, "/api/streams/urls?prime=perhaps").status == .unprocessableContent)
        }
    }

    @Test("an output for WebRTC is played by a page of ours, whatever the engine is")
    func webRTC() async throws {
        try await WebServerFixture().test { client in
            let created = try await client.send(
                .post, "/api/streams/transmissions",
                ["name": "Door", "path": "door", "outputs": [output("hls"), output("webrtc")]])
            #expect(created.headers[.toposyncWarning] == nil)
            let id = created.json["id"]?.stringValue ?? ""
            let urls = try await client.send(.get, "/api/streams/transmissions/\(id)/urls").json
            let outputs = urls["outputs"]?.arrayValue ?? []
            #expect(outputs.allSatisfy { $0["problem"]?.stringValue == nil })
            #expect(outputs.last?["playback_url"]?.stringValue?.hasSuffix("/whep") == true)
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

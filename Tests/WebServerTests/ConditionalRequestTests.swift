import HTTPTypes
import HummingbirdTesting
import StreamModel
import Testing

@testable import WebServer

@Suite("An older state does not win")
struct ConditionalRequestTests {
    private let door: JSONValue = ["name": "Door", "path": "door", "outputs": [["id": "h", "protocol": "hls"]]]

    private func revision(_ response: TestResponse) throws -> Int {
        try #require(response.headers[.toposyncRevision].flatMap { Int($0) })
    }

    @Test("a change of settings that are not as they were any more is 412, and changes nothing")
    func settings() async throws {
        try await WebServerFixture().test { client in
            let path = "/api/streams/settings"
            let first = try #require(try await client.send(.get, path).headers[.eTag])
            let change: JSONValue = ["engine": ["expose_to_lan": true]]
            let changed = try await client.send(.patch, path, change, headers: [.ifMatch: first])
            #expect(changed.status == .ok)
            let second = try #require(changed.headers[.eTag])
            #expect(first != second)
            let stale = try await client.send(
                .patch, path, ["engine": ["expose_to_lan": false]], headers: [.ifMatch: first])
            #expect(stale.status == .preconditionFailed)
            #expect(stale.json["detail"]?.stringValue?.contains("changed meanwhile") == true)
            let now = try await client.send(.get, path)
            #expect(now.json["engine"]?["expose_to_lan"] == true && now.headers[.eTag] == second)
            // Any of several, and any at all.
            for tags in ["\"x\", \(second)", "*"] {
                #expect(try await client.send(.patch, path, change, headers: [.ifMatch: tags]).status == .ok)
            }
        }
    }

    @Test("what is changed one by one has a tag each")
    func things() async throws {
        let door = door
        try await WebServerFixture().test { client in
            for (path, body, change) in [
                ("/api/streams/transmissions", door, ["path": "door", "name": "Gate"]),
                ("/api/cameras", ["name": "Gate", "url": "demo:"], ["name": "Door", "url": "demo:"]),
            ] as [(String, JSONValue, JSONValue)] {
                let created = try await client.send(.post, path, body)
                let one = "\(path)/\(created.json["id"]?.stringValue ?? "")"
                let tag = try #require(created.headers[.eTag])
                #expect(try await client.send(.get, one).headers[.eTag] == tag)
                #expect(try await client.send(.put, one, change, headers: [.ifMatch: tag]).status == .ok)
                #expect(
                    try await client.send(.put, one, change, headers: [.ifMatch: tag]).status == .preconditionFailed)
                #expect(
                    try await client.send(.delete, one, headers: [.ifMatch: tag]).status == .preconditionFailed)
                #expect(try await client.send(.delete, one).status == .ok)
            }
        }
    }

    @Test("the revision grows with each change, and an answer never says a newer one than it has")
    func revisions() async throws {
        let door = door
        try await WebServerFixture().test { client in
            let before = try revision(try await client.send(.get, "/api/streams/settings"))
            let created = try revision(try await client.send(.post, "/api/streams/transmissions", door))
            #expect(created > before)
            for path in ["/api/streams/settings", "/api/streams/transmissions", "/api/cameras", "/api/pipelines"] {
                #expect(try revision(try await client.send(.get, path)) == created)
            }
            let same = try await client.send(.patch, "/api/streams/settings", [:])
            #expect(try revision(same) == created, "nothing was changed")
        }
    }
}

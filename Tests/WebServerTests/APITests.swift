import HTTPTypes
import HummingbirdTesting
import NIOCore
import StreamModel
import TestSupport
import Testing

@testable import WebServer

@Suite("The HTTP API (contract A)")
struct APITests {
    private let sample: JSONValue = [
        "name": "Front Door", "path": "front-door",
        "outputs": [
            [
                "id": "hls_main", "protocol": "hls",
                "authentication": ["enabled": true, "username": "u", "password": "s3cret"],
            ]
        ],
    ]

    @Test("health needs nothing")
    func health() async throws {
        try await WebServerFixture().test { client in
            let response = try await client.send(.get, "/api/streams/health")
            #expect(response.status == .ok)
            #expect(response.json == ["status": "ok", "extension": "com.toposync.streaming"])
        }
    }

    @Test("a transmission is made, read, replaced without its id, and deleted; its password never shows")
    func transmissions() async throws {
        let sample = sample
        try await WebServerFixture().test { client in
            let created = try await client.send(.post, "/api/streams/transmissions", sample)
            #expect(created.status == .ok)
            let id = try #require(created.json["id"]?.stringValue)
            #expect(!String(buffer: created.body).contains("s3cret"))

            let replaced = try await client.send(
                .put, "/api/streams/transmissions/\(id)", ["name": "Door", "path": "door", "outputs": []])
            #expect(replaced.status == .ok)
            #expect(replaced.json["created_at"] == created.json["created_at"])
            #expect(replaced.json["path"] == "door")

            let mismatch = try await client.send(
                .put, "/api/streams/transmissions/\(id)", ["id": "other", "path": "x"])
            #expect(mismatch.status == .badRequest)
            #expect(mismatch.json["detail"] == "Transmission id mismatch" && mismatch.json["code"] == "id_mismatch")

            let deleted = try await client.send(.delete, "/api/streams/transmissions/\(id)")
            #expect(deleted.json == ["deleted": true])
            let gone = try await client.send(.delete, "/api/streams/transmissions/\(id)")
            #expect(gone.status == .notFound && gone.json["code"] == "transmission_gone")
        }
    }

    @Test("a path that is taken is 409 and changes nothing, by every way in")
    func conflicts() async throws {
        let sample = sample
        try await WebServerFixture().test { client in
            _ = try await client.send(.post, "/api/streams/transmissions", sample)
            let before = try await client.send(.get, "/api/streams/settings").json
            #expect(try await client.send(.post, "/api/streams/transmissions", sample).status == .conflict)
            let patch: JSONValue = ["transmissions": [["id": "a", "path": "x"], ["id": "b", "path": "x"]]]
            #expect(try await client.send(.patch, "/api/streams/settings", patch).status == .conflict)
            #expect(try await client.send(.get, "/api/streams/settings").json == before)
        }
    }

    @Test("wrong fields are 422 with the place of each, malformed JSON too")
    func validation() async throws {
        try await WebServerFixture().test { client in
            let response = try await client.send(
                .patch, "/api/streams/settings", ["engine": ["preferred_ports": ["rtsp": 0]]])
            #expect(response.status == .unprocessableContent)
            #expect(response.json["detail"]?.arrayValue?[0]["loc"] == ["body", "engine", "preferred_ports", "rtsp"])
            let malformed = try await client.executeRequest(
                uri: "/api/cameras", method: .post, headers: [:], body: .init(string: "{"))
            #expect(malformed.status == .unprocessableContent)
            #expect(malformed.json["detail"]?.arrayValue?[0]["type"] == "json_invalid")
            #expect(try await client.send(.post, "/api/cameras").status == .unprocessableContent)
        }
    }

    @Test("unknown routes, methods and sizes have their own answers")
    func refusals() async throws {
        try await WebServerFixture().test { client in
            #expect(try await client.send(.get, "/api/nothing").json == ["detail": "Not Found"])
            let method = try await client.send(.patch, "/api/cameras")
            #expect(method.status == .methodNotAllowed)
            #expect(method.headers[.allow] == "GET, HEAD, POST")
            let large = JSONValue.string(String(repeating: "x", count: APIRouter.maximumBodySize))
            #expect(try await client.send(.post, "/api/cameras", large).status == .contentTooLarge)
        }
    }

    @Test("a heartbeat names its session and a time within bounds")
    func heartbeat() async throws {
        let sample = sample
        try await WebServerFixture().test { client in
            let created = try await client.send(.post, "/api/streams/transmissions", sample)
            let one = "/api/streams/transmissions/\(created.json["id"]?.stringValue ?? "")"
            let path = one + "/demand/heartbeat"
            let answer = try await client.send(.post, path, ["playback_session_id": "p 1", "ttl_seconds": 1800])
            #expect(answer.status == .ok)
            // The engine of the fixture is switched off, so there is nothing to keep running.
            #expect(
                answer.json == [
                    "transmission_id": created.json["id"] ?? .null, "playback_session_id": "p 1", "leased_outputs": 0,
                    "ttl_seconds": 1800,
                ])
            #expect(try await client.send(.get, one + "/demand").json["demand_signal"] == false)
            for (body, place) in [
                (["playback_session_id": "p", "ttl_seconds": 4], "ttl_seconds"),
                (["playback_session_id": "p", "ttl_seconds": 1801], "ttl_seconds"),
                (["ttl_seconds": 5], "playback_session_id"), (["playback_session_id": ""], "playback_session_id"),
                (["playback_session_id": .string(String(repeating: "x", count: 129))], "playback_session_id"),
            ] as [(JSONValue, String)] {
                let refused = try await client.send(.post, path, body)
                #expect(refused.status == .unprocessableContent, "\(body)")
                #expect(refused.json["detail"]?.arrayValue?[0]["loc"]?.arrayValue?.last == .string(place))
            }
            #expect(try await client.send(.delete, path + "/p%201").json == ["ended": false])
            let unknown = "/api/streams/transmissions/nobody/demand/heartbeat"
            #expect(try await client.send(.post, unknown, ["playback_session_id": "p"]).status == .notFound)
            #expect(try await client.send(.delete, unknown + "/p").status == .notFound)
        }
    }

    @Test("an output that does not run, is switched off or does not exist has no keyframe to force")
    func forcedKeyframes() async throws {
        try await WebServerFixture().test { client in
            let created = try await client.send(
                .post, "/api/streams/transmissions",
                [
                    "name": "Door", "path": "door",
                    "outputs": [
                        ["id": "on", "protocol": "hls"], ["id": "off", "protocol": "rtsp", "enabled": false],
                    ],
                ])
            let path = "/api/streams/transmissions/\(created.json["id"]?.stringValue ?? "")/outputs"
            for (output, status, word) in [
                ("on", HTTPResponse.Status.conflict, "nobody watches"), ("off", .conflict, "switched off"),
                ("none", .notFound, "Output not found"),
            ] {
                let answer = try await client.send(.post, "\(path)/\(output)/force-idr")
                #expect(answer.status == status)
                #expect(answer.json["detail"]?.stringValue?.contains(word) == true, "\(answer.json)")
            }
            let unknown = try await client.send(.post, "/api/streams/transmissions/x/outputs/on/force-idr")
            #expect(unknown.json["detail"] == "Transmission not found")
        }
    }

    @Test("metadata is posted where an output carries it, and is an object of a bounded size")
    func metadata() async throws {
        try await WebServerFixture().test { client in
            func create(_ path: String, metadata: Bool) async throws -> String {
                let outputs: JSONValue = [["protocol": "hls", "metadata": .bool(metadata)]]
                let created = try await client.send(
                    .post, "/api/streams/transmissions",
                    ["name": "Door", "path": .string(path), "outputs": outputs])
                return "/api/streams/transmissions/\(created.json["id"]?.stringValue ?? "")/metadata"
            }
            let on = try await create("on", metadata: true)
            #expect(try await client.send(.post, on, ["people": 2]).json == ["watched": false])
            // With its name, quotes and braces it has 16,384 bytes.
            let longest = String(repeating: "a", count: 16_384 - 8)
            #expect(try await client.send(.post, on, ["n": .string(longest)]).status == .ok)
            for body: JSONValue in [["n": .string(longest + "a")], [1], "text", 7] {
                let refused = try await client.send(.post, on, body)
                #expect(refused.status == .unprocessableContent, "\(body)")
            }
            let off = try await client.send(.post, try await create("off", metadata: false), ["people": 2])
            #expect(off.status == .conflict)
            #expect(off.json["code"] == "metadata_off")
            let unknown = try await client.send(.post, "/api/streams/transmissions/x/metadata", ["people": 2])
            #expect(unknown.json["detail"] == "Transmission not found")
        }
    }

    @Test("a still says what is wrong when there is none")
    func stills() async throws {
        try await WebServerFixture().test { client in
            func create(_ path: String, enabled: Bool) async throws -> String {
                let body: JSONValue = ["name": "Door", "path": .string(path), "enabled": .bool(enabled)]
                let created = try await client.send(.post, "/api/streams/transmissions", body)
                return "/api/streams/transmissions/\(created.json["id"]?.stringValue ?? "")/still.jpg"
            }
            let on = try await create("on", enabled: true)
            for query in ["max_age=-1", "max_age=3601", "max_age=soon", "width=15", "width=4000"] {
                let refused = try await client.send(.get, "\(on)?\(query)")
                #expect(refused.status == .unprocessableContent, "\(query)")
                #expect(refused.json["detail"]?.arrayValue?[0]["loc"]?.arrayValue?.first == "query")
            }
            // The worker of the fixture is a program that ends at once.
            let failed = try await client.send(.get, "\(on)?max_age=0&width=320&t=1")
            #expect(failed.status == .serviceUnavailable)
            #expect(failed.json["detail"]?.stringValue?.contains("The worker") == true, "\(failed.json)")
            let off = try await client.send(.get, try await create("off", enabled: false))
            #expect(off.status == .conflict && off.json["detail"]?.stringValue?.contains("switched off") == true)
            #expect(try await client.send(.get, "/api/streams/transmissions/x/still.jpg").status == .notFound)
        }
    }

    @Test("metrics are a text without secrets")
    func metrics() async throws {
        let sample = sample
        try await WebServerFixture().test { client in
            _ = try await client.send(.post, "/api/streams/transmissions", sample)
            let answer = try await client.send(.get, "/metrics")
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            let text = String(buffer: answer.body)
            #expect(text.contains(#"toposync_viewers{transmission="front-door",path="front-door",protocol="hls"} 0"#))
            #expect(!text.contains("s3cret"))
            #expect(try await client.send(.post, "/metrics").status == .methodNotAllowed)
        }
    }

    @Test("cameras keep their password to themselves, and can't be deleted while a pipeline reads them")
    func cameras() async throws {
        let sample = sample
        try await WebServerFixture().test { client in
            let camera = try await client.send(
                .post, "/api/cameras", ["name": "Gate", "url": "rtsp://admin:s3cret@10.0.0.5/1"])
            #expect(camera.json["url"] == "rtsp://10.0.0.5/1" && camera.json["password_set"] == true)
            #expect(!String(buffer: camera.body).contains("s3cret"))
            let transmission = try await client.send(.post, "/api/streams/transmissions", sample)
            let wizard = try await client.send(
                .post, "/api/streams/wizard/create-pipeline",
                [
                    "transmission_id": transmission.json["id"] ?? .null, "camera_id": "gate",
                    "preset_id": "simple_stream",
                ])
            #expect(wizard.status == .ok, "\(wizard.json)")
            #expect(wizard.json["camera_id"] == camera.json["id"])
            let id = try #require(camera.json["id"]?.stringValue)
            let refused = try await client.send(.delete, "/api/cameras/\(id)")
            #expect(refused.status == .conflict)
            let unavailable = try await client.send(
                .post, "/api/streams/wizard/create-pipeline",
                ["transmission_id": "t", "camera_id": "gate", "preset_id": "segmentation_stream"])
            #expect(unavailable.status == .unprocessableContent)
            #expect(String(buffer: unavailable.body).contains("not available yet"))
        }
    }

    @Test("every route is described, and every described schema exists")
    func openAPI() async throws {
        let fixture = try WebServerFixture()
        let routes = fixture.server.routes
        try await fixture.test { client in
            let document = try await client.send(.get, OpenAPIDocument.path).json
            #expect(document["openapi"] == "3.1.0")
            let described = (document["paths"]?.objectValue ?? [:]).flatMap { path, operations in
                (operations.objectValue ?? [:]).keys.map { "\($0.uppercased()) \(path)" }
            }
            #expect(Set(described) == Set(routes.map { "\($0.method.rawValue) \($0.path)" }))
            #expect(Set(routes.map(\.operationID)).count == routes.count)
            let text = String(decoding: document.data, as: UTF8.self)
            for match in text.matches(of: /#\/components\/schemas\/(\w+)/) {
                #expect(document["components"]?["schemas"]?[String(match.1)] != nil, "\(match.1)")
            }
        }
    }

    @Test("mutated requests never cause a fault of the server")
    func mutations() async throws {
        let fixture = try WebServerFixture()
        // A camera test would start processes, and events have no end; both are fuzzed end to end.
        let routes = fixture.server.routes.filter {
            !$0.path.hasSuffix("/test") && !$0.path.contains("/engine/") && $0.path != EventRoute.path
        }
        let sample = sample
        try await fixture.test { client in
            var random = SeededGenerator(seed: 20_261_121)
            for _ in 0..<400 {
                let route = routes[Int.random(in: 0..<routes.count, using: &random)]
                let path = route.path.replacing(/\{\w+\}/) { _ in
                    ["x", "%2e%2e", "%00", "a%2Fb"].randomElement(using: &random) ?? ""
                }
                let response = try await client.send(route.method, path, random.mutated(sample))
                #expect(response.status.code < 500, "\(route.method) \(path): \(response.json)")
            }
        }
    }
}

extension SeededGenerator {
    /// The value with some of its parts replaced by something else.
    fileprivate mutating func mutated(_ value: JSONValue) -> JSONValue {
        let strange: [JSONValue] = [
            nil, true, -1, 1e300, "", "\u{0}", "../..", .string(String(repeating: "é", count: 3000)), [], [:], [[[]]],
        ]
        if Int.random(in: 0..<6, using: &self) == 0 { return strange.randomElement(using: &self) ?? nil }
        switch value {
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (name, member) in members.sorted(by: { $0.key < $1.key }) { result[name] = mutated(member) }
            return .object(result)
        case .array(let elements):
            var result: [JSONValue] = []
            for element in elements { result.append(mutated(element)) }
            return .array(result)
        case .null, .bool, .integer, .number, .string:
            return value
        }
    }
}

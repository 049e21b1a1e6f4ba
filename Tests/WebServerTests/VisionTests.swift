import HTTPTypes
import HummingbirdTesting
import NIOCore
import StreamModel
import Testing

@testable import WebServer

@Suite("What detection needs, over HTTP")
struct VisionTests {
    private static let network: [UInt8] = [0x08, 0x08, 0x3a, 0x02, 0x12, 0x00]

    @Test("before anything was asked for it says what there is")
    func nothing() async throws {
        try await WebServerFixture().test { client in
            let state = try await client.send(.get, "/api/vision").json
            #expect(state["ready"] == false && state["problem_code"] == "vision_no_runtime")
            #expect(state["install"]?["state"] == "idle" && state["install"]?["item"] == .null)
            let models = state["models"]?.arrayValue ?? []
            #expect(models.map { $0["id"] } == ["yolox_nano", "yolox_tiny", "yolox_s"])
            #expect(models.allSatisfy { $0["installed"] == false && $0["licence"] == "Apache-2.0" })
            #expect(try await client.send(.delete, "/api/vision/install").json["install"]?["state"] == "idle")
        }
    }

    @Test("a wish has to be one that can be fulfilled")
    func wrongWishes() async throws {
        try await WebServerFixture().test { client in
            let unknown = try await client.send(.post, "/api/vision/install", ["model": "yolo99"])
            #expect(unknown.status == .notFound && unknown.json["code"] == "vision_unknown_model")
            #expect(try await client.send(.post, "/api/vision/install", ["modle": "a"]).status == .unprocessableContent)
            #expect(try await client.send(.delete, "/api/vision/models/yolox_s").status == .notFound)
        }
    }

    @Test("a model is uploaded, shown and deleted")
    func upload() async throws {
        try await WebServerFixture().test { client in
            let path = "/api/vision/models/mine"
            func put(_ path: String, _ bytes: [UInt8]) async throws -> TestResponse {
                try await client.executeRequest(uri: path, method: .put, headers: [:], body: ByteBuffer(bytes: bytes))
            }
            let state = try await put(path, Self.network)
            let mine = state.json["models"]?.arrayValue?.last
            #expect(state.status == .ok && mine?["id"] == "mine" && mine?["uploaded"] == true)
            #expect(mine?["bytes"] == .integer(Self.network.count) && mine?["licence"] == .null)
            #expect(try await put(path, Self.network).json["code"] == "vision_model_taken")
            #expect(try await put("/api/vision/models/yolox_s", Self.network).status == .conflict)
            #expect(try await put("/api/vision/models/..%2Fx", Self.network).json["code"] == "vision_model_id")
            #expect(try await put("/api/vision/models/other", [1, 2, 3]).json["code"] == "vision_not_onnx")
            #expect(try await client.send(.delete, path).json == ["deleted": true])
            #expect(try await client.send(.delete, path).status == .notFound)
        }
    }
}

import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import StreamModel
import Testing

@testable import ControlPlane

@Suite("Cameras of Home Assistant") struct HomeAssistantMediaTests {
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test(
        "only files of streams are asked for",
        arguments: [
            "api/hls", "api/hls/t", "api/hls//index.m3u8", "api/config", "api/states/a/b", "api/hls/../config",
            "api/hls/t/../../states", "api/hls/t/./x", "api/hls/t/x?y", "api/hls/t/%2e%2e", "api/hls/t/a\r\nb",
            "http://other/api/hls/t", "//other/api/hls/t/x", "api/hls/t/a/b/c/d", "camera.door",
        ])
    func elsewhere(path: String) { #expect(HomeAssistantStreams.Path(path) == nil) }

    @Test(arguments: ["api/hls/0af/master_playlist.m3u8", "api/hls/0af/init.mp4", "api/hls/0af/segment/1.m4s"])
    func files(path: String) { #expect(HomeAssistantStreams.Path(path)?.text == path) }

    /// What a program gets there, in a way that shows what it is told of the token.
    private func answers(
        of paths: [String], core: @escaping LocalServer.Responder
    ) async throws -> (statuses: [UInt], asked: [LocalServer.Request]) {
        let server = try await LocalServer(core)
        let supervisor = try #require(SupervisorClient(baseURL: server.url, token: "supervisor-secret"))
        let media = HomeAssistantMedia(supervisor, logger: logger)
        #expect(media.address == nil)
        let listener = try await media.listen()
        let serving = Task { await media.serve(listener) }
        let address = try #require(media.address).exposed
        // Whoever writes it into a log does not give it away.
        let key = try #require(address.split(separator: "/").last { $0.hasPrefix("key=") }).dropFirst(4)
        #expect(!address.redactingCredentials.contains(key))
        var statuses: [UInt] = []
        for path in paths {
            let url = path.hasPrefix("/") ? address.prefix { $0 != "=" } + path : address + path
            var request = HTTPClientRequest(url: String(url))
            request.headers = ["Authorization": "Basic dTpw", "Range": "bytes=0-"]
            let answer = try await HTTPClient.shared.answer(to: request, within: .seconds(30), bodyLimit: 1 << 16)
            #expect(!String(buffer: answer.body).contains("supervisor-secret"))
            statuses.append(answer.status.code)
        }
        serving.cancel()
        await serving.value
        return (statuses, server.requests)
    }

    @Test func theTokenGoesToFilesOfStreamsAlone() async throws {
        let (statuses, asked) = try await answers(
            of: [
                "api/hls/t/init.mp4", "api/config", "api/hls/t/gone.m4s", "/wrong/api/hls/t/init.mp4",
                "api/hls/t/bad.m4s",
            ]
        ) { request in
            switch request.path {
            case "/core/api/hls/t/init.mp4": LocalServer.Reply(body: Array("moov".utf8))
            case "/core/api/hls/t/bad.m4s":
                LocalServer.Reply(status: .found, headers: [("Location", "http://127.0.0.1:1/")])
            default: .notFound
            }
        }
        #expect(statuses == [200, 404, 404, 404, 502])
        #expect(asked.map(\.path) == ["init.mp4", "gone.m4s", "bad.m4s"].map { "/core/api/hls/t/" + $0 })
        #expect(asked.allSatisfy { $0.authorization == "Bearer supervisor-secret" })
    }

    @Test func connectionsAreLimited() async throws {
        let supervisor = try #require(SupervisorClient(baseURL: "http://127.0.0.1:1", token: "t"))
        let media = HomeAssistantMedia(supervisor, connectionLimit: 2, logger: logger)
        let listener = try await media.listen()
        let serving = Task { await media.serve(listener) }
        let address = try #require(media.address.flatMap { URLComponents(string: $0.exposed) })
        let port = try #require(address.port)
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
        let clients = (0..<2).map { _ in HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton) }
        for client in clients {
            // Keeps its connection, which is counted when it is answered.
            let answer = try? await client.answer(to: request, within: .seconds(30), bodyLimit: 1 << 10)
            #expect(answer?.status == .notFound)
        }
        await #expect(throws: (any Error).self) {
            try await HTTPClient.shared.answer(to: request, within: .seconds(5), bodyLimit: 1 << 10)
        }
        for client in clients { try await client.shutdown() }
        serving.cancel()
        await serving.value
    }

    @Test func aCoreThatIsAwayIsNoEnd() async throws {
        // It answers no WebSocket.
        let (statuses, _) = try await answers(of: ["camera.door", "api/hls/t/init.mp4"]) { request in
            request.path.hasSuffix("init.mp4") ? LocalServer.Reply() : .notFound
        }
        #expect(statuses == [502, 200])
    }

    @Test func whatCoreRendersIsReadWithCare() throws {
        let rows: JSONValue = [
            ["camera.yard", "Yard", true, false], ["camera.door", "Door", false, true],
            ["light.x", "No camera", true, false],
            ["camera.a\r\nb", "Hostile", true, false], ["camera.short"], 7, ["camera.own", "Ours", true, true],
            ["camera.ours", "Ours", true, false], ["camera.nameless", .null, .null, .null],
        ]
        let found = HomeAssistantCameras(rendered: rows, withoutGeneric: ["Ours"])
        #expect(found.cameras.map(\.entity) == ["camera.door", "camera.ours", "camera.yard", "camera.nameless"])
        #expect(found.cameras.map(\.hasStream) == [false, true, true, false])
        #expect(found.json["cameras"]?.arrayValue?.first?["url"] == "homeassistant:camera.door")
        #expect(HomeAssistantCameras(rendered: "text", withoutGeneric: []).cameras.isEmpty)
        let many = JSONValue.array(Array(repeating: ["camera.x", "x", true, false], count: 2000))
        #expect(HomeAssistantCameras(rendered: many, withoutGeneric: []).cameras.count == 500)
    }

    @Test func whyThereAreNoneIsSaid() async throws {
        #expect(await HomeAssistant(nil, logger: logger).cameras(withoutGeneric: []).json["is_add_on"] == false)
        for (status, word) in [(401, "Update"), (502, "refuses to tell its cameras")] {
            let server = try await LocalServer { _ in LocalServer.Reply(status: .init(statusCode: status)) }
            let home = HomeAssistant(SupervisorClient(baseURL: server.url, token: "t"), logger: logger)
            let json = await home.cameras(withoutGeneric: []).json
            #expect(json["is_add_on"] == true && json["reason"]?.stringValue?.contains(word) == true)
        }
    }
}

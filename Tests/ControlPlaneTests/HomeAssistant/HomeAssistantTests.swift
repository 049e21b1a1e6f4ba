import Foundation
import Logging
import NIOHTTP1
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// Home Assistant behind a Supervisor that answers as a test says.
@Suite("Home Assistant through Supervisor") struct HomeAssistantTests {
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private let form = GenericCameraForm(streamSource: "rtsp://addon:8554/door")
    private static let flows = "/core/api/config/config_entries/flow"

    private func home(_ server: LocalServer) -> HomeAssistant {
        HomeAssistant(SupervisorClient(baseURL: server.url, token: "t"), logger: logger)
    }

    private static func reply(_ json: JSONValue) -> LocalServer.Reply { LocalServer.Reply(body: Array(json.data)) }

    @Test func aCallerThatGoesAwayLeavesNoFormOpen() async throws {
        let (asked, ask) = AsyncStream<Void>.makeStream()
        let (deleted, delete) = AsyncStream<Void>.makeStream()
        let server = try await LocalServer { request in
            switch (request.method, request.path) {
            case ("GET", _): return Self.reply([])
            case ("POST", Self.flows):
                return Self.reply([
                    "type": "form", "flow_id": "01F",
                    "data_schema": [["name": "stream_source", "optional": true, "type": "string"]],
                ])
            case ("POST", _):
                ask.yield()
                return LocalServer.Reply(length: 9, end: .hold)
            case ("DELETE", Self.flows + "/01F"):
                delete.yield()
                return Self.reply([:])
            default: return .notFound
            }
        }
        let home = home(server)
        let adding = Task { try await home.addCamera(form, named: "Door") }
        for await _ in asked { break }
        let second = await #expect(throws: ControlPlaneError.self) { try await home.addCamera(form, named: "Yard") }
        #expect(second.map { if case .busy = $0 { true } else { false } } == true)
        adding.cancel()
        for await _ in deleted { break }
        await #expect(throws: ControlPlaneError.self) { try await adding.value }
        withExtendedLifetime(server) {}
    }

    @Test func whoeverDoesNotAnswerIsNotAvailable() async throws {
        #expect(await HomeAssistant(nil, logger: logger).state() == .noAddOn)
        for (status, word) in [(401, "Update"), (502, "not answer yet")] {
            let server = try await LocalServer { _ in LocalServer.Reply(status: .init(statusCode: status)) }
            let json = await home(server).state().json
            #expect(json["available"] == false && json["reason"]?.stringValue?.contains(word) == true)
            let problem = await #expect(throws: ControlPlaneError.self) {
                try await home(server).addCamera(form, named: "Door")
            }
            #expect(problem.map { if case .badGateway = $0 { true } else { false } } == true)
        }
    }
}

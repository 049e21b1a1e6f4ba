import Foundation
import Logging
import StreamModel
import Testing

@testable import ControlPlane

/// What the environment decides of the engine's settings.
@Suite struct GivenEngineSettingsTests {
    private let folder = TemporaryFolder()
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func service(_ given: GivenEngineSettings) throws -> StreamingService {
        try StreamingService(
            StreamingServiceConfiguration(
                dataDirectory: folder.path, executable: "/bin/false", engineSettings: given), logger: logger)
    }

    @Test func eachStartPutsThemIntoTheSettings() async throws {
        let given = try GivenEngineSettings(
            kind: "builtin", exposeToLAN: "true", iceServers: "stun:a.example.org, turn:u:p@b.example.org")
        let service = try service(given)
        let settings = try await service.settings().engine
        #expect(settings.kind == .builtin && settings.exposeToLAN)
        #expect(settings.webrtcICEServers.map(\.url) == ["stun:a.example.org", "turn:b.example.org"])
        #expect(settings.webrtcICEServers.last?.password?.exposed == "p")
        // A change of them is told not to last, one of the others is not.
        let others = try await service.patchSettings(["engine": ["webrtc_additional_hosts": ["a.example.org"]]])
        #expect(others.warning == nil)
        let changed = try await service.patchSettings(["engine": ["expose_to_lan": false]])
        #expect(changed.warning?.text.contains("TOPOSYNC_STREAMING_EXPOSE_TO_LAN") == true)
        #expect(changed.warning?.text.contains("ENGINE_KIND") == false)
    }

    @Test func theyGoAboveWhatIsStoredAndLeaveTheRest() throws {
        var stored = StoredConfiguration()
        stored.settings.engine.webrtcAdditionalHosts = ["a.example.org"]
        try GivenEngineSettings(kind: nil, exposeToLAN: "on", iceServers: nil).apply(to: &stored)
        #expect(stored.settings.engine.exposeToLAN)
        #expect(stored.settings.engine.webrtcAdditionalHosts == ["a.example.org"])
    }

    @Test func whatIsNotGivenStays() async throws {
        let service = try service(GivenEngineSettings())
        let before = service.revision
        let changed = try await service.patchSettings(["engine": ["expose_to_lan": true, "kind": "builtin"]])
        #expect(changed.warning == nil)
        #expect(service.revision == before + 1)
        #expect(try await service.settings().engine.exposeToLAN)
    }

    @Test(
        arguments: [
            ("vlc", nil, nil, "TOPOSYNC_STREAMING_ENGINE_KIND"),
            (nil, "maybe", nil, "TOPOSYNC_STREAMING_EXPOSE_TO_LAN"),
            (nil, nil, "stun:", "TOPOSYNC_STREAMING_WEBRTC_ICE_SERVERS"),
            (nil, nil, #"[{"url": "x"}]"#, "TOPOSYNC_STREAMING_WEBRTC_ICE_SERVERS"),
        ] as [(String?, String?, String?, String)])
    func theWrongVariableIsNamed(_ kind: String?, _ exposeToLAN: String?, _ iceServers: String?, _ variable: String) {
        let error = #expect(throws: StartupError.self) {
            try GivenEngineSettings(kind: kind, exposeToLAN: exposeToLAN, iceServers: iceServers)
        }
        #expect(error?.description.hasPrefix("\(variable) is wrong: ") == true)
    }
}

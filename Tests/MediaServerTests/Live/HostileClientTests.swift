import EngineContract
import StreamProtocols
import Testing

@testable import MediaServer

/// What clients send that only want to keep the engine busy.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostileClientTests {
    /// 40 combining marks, which would be sorted before they are compared.
    private let marks = String(repeating: "\u{0345}\u{0300}", count: 20)

    @Test func textsThatTakeLongToCompareEndTheConnection() async throws {
        let marks = marks
        try await EngineRig.run(EngineRig.configuration()) { rig in
            let port = try #require(rig.ports.rtsp)
            for (uri, headers) in [
                (rig.url(marks), [:]), (rig.url("a"), ["Session": marks]), (rig.url("a"), ["Authorization": marks]),
            ] {
                let client = try await RTSPTestClient(port: port)
                #expect(try await client.request(.describe, uri, headers).status == .badRequest)
                try await client.waitUntilClosed()
            }
            let client = try await RTSPTestClient(port: port)
            #expect(try await client.request(.options, rig.url("a"), ["User-Agent": "Zoë"]).status == .ok)
        }
    }

    @Test func aNameThatNoPathCanHaveIsComparedWithNone() async throws {
        var configuration = EngineRig.configuration()
        configuration.authInternalUsers = [
            AuthInternalUser(user: "viewer", pass: "secret", permissions: [.init(action: .read)])
        ]
        try await EngineRig.run(configuration) { rig in
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            let escaped = String(repeating: "%CD%85%CC%80", count: 20)
            #expect(try await client.request(.describe, rig.url(escaped)).status == .badRequest)
            #expect(try await client.request(.describe, rig.url("a")).status == .unauthorized)
        }
    }
}

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

    /// What is sent while a request is on hold stays with the client, also when its connection lives on another event loop than the
    /// engine: these live on all.
    @Test func whatComesDuringAHoldIsNotReadWithoutBound() async throws {
        var path = PathConfiguration()
        path.runOnDemand = "sleep 60"
        path.runOnDemandStartTimeout = .seconds(60)
        try await EngineRig.run(EngineRig.configuration(["a": path])) { rig in
            let port = try #require(rig.ports.rtsp)
            let request = RTSPRequest(method: .describe, uri: rig.url("a"), headers: ["CSeq": "1"]).serialized()
            let flood = [UInt8](repeating: 0, count: 32 << 20)
            var floods: [Task<Void, any Error>] = []
            for _ in 0..<4 {
                let client = try await RTSPTestClient(port: port)
                floods.append(Task { try await client.send(request + flood) })
            }
            func received() async throws -> [Int] {
                try await rig.api("GET", "/v3/rtspconns/list").decoded(ControlAPI.Page<RTSPConnectionItem>.self).items
                    .map(\.bytesReceived)
            }
            while try await received().filter({ $0 >= RTSPChannel.unreadLimit }).count < 4 {
                try await Task.sleep(for: .milliseconds(20))
            }
            // Long enough for all of it, were it read.
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await received().allSatisfy { $0 < flood.count / 4 })
            await rig.stop()
            for flood in floods { _ = await flood.result }
        }
    }
}

import ConnectionLimits
import EngineContract
import StreamModel
import StreamProtocols

/// What the control API can see and do: the engine and its HLS together.
struct EngineControl: Sendable {
    /// The version of MediaMTX whose file and API are understood, as far as they are.
    static let contractVersion = "1.16.2"

    let engine: MediaEngine
    let hls: HLSDelivery?
    /// When the engine was started, as text.
    let started: String

    var info: ControlAPI.Info {
        ControlAPI.Info(version: "toposync-streaming (MediaMTX \(Self.contractVersion) subset)", started: started)
    }

    // MARK: Paths

    func paths() async -> [ControlAPI.Path] {
        let paths = await engine.listPaths()
        let viewers = Dictionary(grouping: await hlsSessions(), by: \.path)
        return paths.map { Self.adding(viewers[$0.name] ?? [], to: $0) }
    }

    func path(_ name: String) async -> ControlAPI.Path? {
        guard let path = await engine.path(named: name) else { return nil }
        return Self.adding(await hlsSessions().filter { $0.path == name }, to: path)
    }

    private static func adding(_ viewers: [ControlAPI.HLSSession], to path: ControlAPI.Path) -> ControlAPI.Path {
        var path = path
        path.readers += viewers.map { ControlAPI.Endpoint(type: "hlsSession", id: $0.id) }
        return path
    }

    // MARK: Sessions

    func hlsSessions() async -> [ControlAPI.HLSSession] { await hls?.playingSessions ?? [] }

    func kickHLSSession(_ id: String) async -> Bool { await hls?.kick(sessionID: id) ?? false }

    // MARK: Settings

    /// The global settings. Passwords that are not hashed are left out, as MediaMTX does since 1.20.1.
    func globalSettings() async -> JSONValue {
        var configuration = await engine.configuration
        for index in configuration.authInternalUsers.indices {
            let password = configuration.authInternalUsers[index].pass
            guard !password.isEmpty, !HashedCredential.isHashed(password) else { continue }
            configuration.authInternalUsers[index].pass = Secret.mask
        }
        for index in configuration.webrtcICEServers2.indices
        where !configuration.webrtcICEServers2[index].password.isEmpty {
            configuration.webrtcICEServers2[index].password = Secret.mask
        }
        return configuration.globalJSON
    }

    func patchGlobal(_ changes: [String: JSONValue]) async throws {
        try await engine.patchGlobal(changes)
        // Whoever has shown credentials before shows them again.
        await hls?.accessChanged()
    }

    func authorize(_ address: IPAddress?, _ credentials: AccessCredentials) async -> AccessDecision {
        await engine.authorizeAPI(address: address, credentials: credentials)
    }
}

import StreamModel

/// How a program sends to an input, as its settings ask for it. It holds the key.
public struct InputAddresses: Sendable {
    var input: EngineInput
    /// The host name under which programs reach the engine.
    var host: String
    var rtspPort: Int
    /// Whether the engine runs, and whether anything is being sent.
    var engineIsRunning: Bool
    var isReceiving: Bool

    private var authority: String { host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host }

    private var rtsp: String {
        let account = input.key.map { "\(input.name):\($0.exposed)@" } ?? ""
        return "rtsp://\(account)\(authority):\(rtspPort)/\(input.path)"
    }

    public var json: JSONValue {
        [
            "name": .string(input.name), "path": .string(input.path), "username": .string(input.name),
            "key": JSONValue(input.key?.exposed), "rtsp_url": .string(rtsp),
            "engine_running": .bool(engineIsRunning), "receiving": .bool(isReceiving),
        ]
    }
}

import StreamModel

/// How a program sends to an input, as its settings ask for it. It holds the key.
public struct InputAddresses: Sendable {
    var input: EngineInput
    /// The host name under which programs reach the engine.
    var host: String
    var rtspPort: Int
    var rtmpPort: Int
    /// The port at which sessions of WebRTC begin, and whether by HTTPS.
    var webRTCPort: Int
    var isSecure: Bool
    var srtPort: Int
    /// Whether what comes by SRT has to be encrypted, with a passphrase that is not shown.
    var srtHasPassphrase: Bool
    /// Whether the engine runs, and whether anything is being sent.
    var engineIsRunning: Bool
    var isReceiving: Bool

    private var rtsp: String {
        let account = input.key.map { "\(input.name):\($0.exposed)@" } ?? ""
        return "rtsp://\(account)\(URLAuthority.text(host, port: rtspPort))/\(input.path)"
    }

    /// The server and the stream key, which programs such as OBS ask for one by one; with a slash between them they are the address.
    private var rtmpServer: String { "rtmp://\(URLAuthority.text(host, port: rtmpPort))/\(InputAddress.folder)" }
    private var rtmpStreamKey: String {
        input.name + (input.key.map { "?user=\(input.name)&pass=\($0.exposed)" } ?? "")
    }

    /// The address of WHIP, and what programs such as OBS call the bearer token.
    private var whipURL: String {
        "\(isSecure ? "https" : "http")://\(URLAuthority.text(host, port: webRTCPort))/\(input.path)/whip"
    }
    private var whipToken: String? { input.key.map { "\(input.name):\($0.exposed)" } }
    /// What a caller of SRT says that it wants; MediaMTX takes it in this form.
    private var srtStreamID: String {
        "publish:\(input.path)" + (input.key.map { ":\(input.name):\($0.exposed)" } ?? "")
    }
    /// As ffmpeg and OBS want it: messages of seven packets, which fit into a datagram.
    private var srt: String {
        "srt://\(URLAuthority.text(host, port: srtPort))?streamid=\(srtStreamID)&pkt_size=1316"
    }

    public var json: JSONValue {
        [
            "name": .string(input.name), "path": .string(input.path), "username": .string(input.name),
            "key": JSONValue(input.key?.exposed), "rtsp_url": .string(rtsp),
            "rtmp_server": .string(rtmpServer), "rtmp_stream_key": .string(rtmpStreamKey),
            "whip_url": .string(whipURL), "whip_token": JSONValue(whipToken),
            "srt_url": .string(srt), "srt_stream_id": .string(srtStreamID),
            "srt_passphrase_set": .bool(srtHasPassphrase),
            "engine_running": .bool(engineIsRunning), "receiving": .bool(isReceiving),
        ]
    }
}

import StreamModel

/// The ports that the engine listens on, or would try first.
public struct EnginePorts: Hashable, Sendable {
    public var rtsp: Int
    public var hls: Int
    public var webrtc: Int
    /// Where programs send to inputs by RTMP.
    public var rtmp: Int
    /// The same by SRT: a UDP port.
    public var srt: Int
    public var api: Int

    public init(
        rtsp: Int, hls: Int, webrtc: Int, rtmp: Int = PreferredPorts().rtmp, srt: Int = PreferredPorts().srt, api: Int
    ) {
        self.rtsp = rtsp
        self.hls = hls
        self.webrtc = webrtc
        self.rtmp = rtmp
        self.srt = srt
        self.api = api
    }

    init(_ preferred: PreferredPorts) {
        self.init(
            rtsp: preferred.rtsp, hls: preferred.hls, webrtc: preferred.webrtc, rtmp: preferred.rtmp,
            srt: preferred.srt, api: preferred.api)
    }

    /// The port that viewers of a protocol use.
    subscript(protocol: OutputProtocol) -> Int {
        switch `protocol` {
        case .rtsp: rtsp
        case .hls: hls
        case .webrtc: webrtc
        }
    }

    /// As the host has them.
    func mapped(by facts: HostNetwork.Facts) -> Self {
        func host(_ port: Int) -> Int { facts.hostPort(of: port) ?? port }
        return Self(
            rtsp: host(rtsp), hls: host(hls), webrtc: host(webrtc), rtmp: host(rtmp),
            srt: facts.hostPort(of: srt, .udp) ?? srt, api: api)
    }

    public var json: JSONValue {
        [
            "rtsp": .integer(rtsp), "hls": .integer(hls), "webrtc": .integer(webrtc), "rtmp": .integer(rtmp),
            "srt": .integer(srt), "api": .integer(api),
        ]
    }
}

/// How the engine is (contract A.2, `GET /engine/status`), and `kind` and `state` of our own.
public struct EngineStatus: Hashable, Sendable {
    /// What the engine is doing.
    public enum State: String, Hashable, Sendable {
        case stopped, starting, running
        /// MediaMTX is installed first.
        case downloading
        /// It failed and is started again after a pause.
        case waiting = "backing_off"
        case stopping
    }

    public var running: Bool
    public var state: State
    /// The engine that runs or would run: `builtin` or `mediamtx`.
    public var kind: EngineKind
    public var pid: Int?
    public var uptimeSeconds: Double?
    public var startedAtUnix: Double?
    /// `127.0.0.1` or `0.0.0.0`
    public var bindHost: String
    public var ports: EnginePorts
    /// Why it does not run; nil while all is well.
    public var lastError: CodedMessage?
    public var mediamtxVersion: String
    /// Such as `linux-x64`; nil where no MediaMTX exists for.
    public var platform: String?
    public var binaryPath: String?
    public var configPath: String?
    public var logPath: String?
    /// Of the path `test`.
    public var urls: StreamURLs
    public var warnings: [CodedMessage]
    public var restartCount: Int
    public var orphanPIDs: [Int]
    /// The release of MediaMTX that runs or would run; nil is the built-in engine, or not known yet.
    public var version: String?
    /// The installation of MediaMTX.
    public var download: EngineDownload?
    /// Whether the settings want it to run.
    public var enabled: Bool
    /// The last lines of the log of the engine that runs or ran last, without credentials.
    public var logTail: [String]
    /// Where WebRTC viewers look for the engine.
    public var webRTCHosts: [WebRTCHost]
    /// Whether browsers also look for it at the address of these pages, where that is no name.
    public var webRTCOffersPageAddress: Bool

    public static let testPath = "test"

    public var json: JSONValue {
        .object(members.merging(CodedMessage.members("last_error", lastError)) { $1 })
    }

    private var members: [String: JSONValue] {
        [
            "running": .bool(running), "state": .string(state.rawValue), "kind": .string(kind.rawValue),
            "pid": JSONValue(pid), "uptime_seconds": JSONValue(uptimeSeconds),
            "started_at_unix": JSONValue(startedAtUnix), "bind_host": .string(bindHost), "ports": ports.json,
            "mediamtx_version": .string(mediamtxVersion),
            "platform": JSONValue(platform), "binary_path": JSONValue(binaryPath),
            "config_path": JSONValue(configPath), "log_path": JSONValue(logPath),
            "test_path": .string(Self.testPath), "urls": urls.json,
            "warnings": .array(warnings.map { .string($0.text) }),
            "warning_messages": .array(warnings.map(\.json)), "restart_count": .integer(restartCount),
            "orphan_pids": .array(orphanPIDs.map(JSONValue.integer)), "version": JSONValue(version),
            "download": download?.shortJSON ?? .null, "enabled": .bool(enabled),
            "log_tail": .array(logTail.map(JSONValue.string)),
            "webrtc_hosts": .array(webRTCHosts.map(\.json)),
            "webrtc_offers_page_address": .bool(webRTCOffersPageAddress),
        ]
    }
}

/// The addresses of one engine path by protocol.
public struct StreamURLs: Hashable, Sendable {
    public var rtsp: String
    public var hls: String
    public var webrtc: String
    /// RTSP by TLS; nil where the engine does not serve it.
    public var rtsps: String?

    /// - Parameters:
    ///   - host: a name or an address.
    ///   - isSecure: whether web players come by HTTPS.
    ///   - mapping: how other machines reach the ports. One that they do not reach keeps its own number here; of RTSP by TLS,
    ///     which few want, nothing is said then.
    public init(
        path: String, host: String, ports: EnginePorts, isSecure: Bool = false, rtspsPort: Int? = nil,
        mapping: HostNetwork.Facts? = nil
    ) {
        let ports = mapping.map(ports.mapped(by:)) ?? ports
        let rtspsPort = rtspsPort.flatMap { port in mapping.map { $0.hostPort(of: port) } ?? port }
        func url(_ scheme: String, _ port: Int) -> String {
            "\(scheme)://\(URLAuthority.text(host, port: port))/\(path)"
        }
        rtsp = url("rtsp", ports.rtsp)
        let web = isSecure ? "https" : "http"
        hls = url(web, ports.hls) + "/index.m3u8"
        webrtc = url(web, ports.webrtc) + "/whep"
        rtsps = rtspsPort.map { url("rtsps", $0) }
    }

    /// The address for a protocol.
    public subscript(protocol: OutputProtocol) -> String {
        switch `protocol` {
        case .rtsp: rtsp
        case .hls: hls
        case .webrtc: webrtc
        }
    }

    public var json: JSONValue {
        [
            "rtsp_url": .string(rtsp), "hls_url": .string(hls), "webrtc_url": .string(webrtc),
            "rtsps_url": JSONValue(rtsps),
        ]
    }
}

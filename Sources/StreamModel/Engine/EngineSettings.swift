/// Which media server viewers talk to.
public enum EngineKind: String, CaseIterable, Codable, Sendable {
    /// MediaMTX when a verified binary is already there, else the built-in engine.
    case auto
    case builtin, mediamtx
}

/// The ports that the engine tries first, each 1…65535.
public struct PreferredPorts: Hashable, Sendable {
    public var rtsp = 8554
    public var hls = 8888
    public var webrtc = 8889
    /// Of programs that send to inputs.
    public var rtmp = 1935
    /// The same by SRT: a UDP port.
    public var srt = 8890
    public var api = 9997

    public static let range = 1...65535

    public init() {}

    init(reading reader: ObjectReader) {
        let defaults = PreferredPorts()
        rtsp = reader.integer("rtsp", in: Self.range, default: defaults.rtsp)
        hls = reader.integer("hls", in: Self.range, default: defaults.hls)
        webrtc = reader.integer("webrtc", in: Self.range, default: defaults.webrtc)
        rtmp = reader.integer("rtmp", in: Self.range, default: defaults.rtmp)
        srt = reader.integer("srt", in: Self.range, default: defaults.srt)
        api = reader.integer("api", in: Self.range, default: defaults.api)
        reader.forbidUnknownMembers()
    }

    var json: JSONValue {
        [
            "rtsp": .integer(rtsp), "hls": .integer(hls), "webrtc": .integer(webrtc), "rtmp": .integer(rtmp),
            "srt": .integer(srt), "api": .integer(api),
        ]
    }
}

/// How the engine is run (contract A.1, "Engine settings", and `kind`, `webrtc_additional_hosts`, `multicast` and `srt` of
/// our own).
public struct EngineSettings: JSONModel, Confidential {
    public var enabled: Bool
    public var kind: EngineKind
    /// Listen on every address instead of only on this machine's own.
    public var exposeToLAN: Bool
    public var preferredPorts: PreferredPorts
    public var mediamtxVersion: String
    public var webrtcICEServers: [WebRTCICEServer]
    /// Names and addresses under which WebRTC viewers reach this machine from elsewhere.
    public var webrtcAdditionalHosts: [String]
    public var multicast: MulticastSettings
    public var srt: SRTSettings

    public init() {
        self.init(reading: ObjectReader([:], at: [], issues: IssueList()))
    }

    public init(reading reader: ObjectReader) {
        enabled = reader.bool("enabled", default: false)
        kind = reader.choice("kind", default: .auto)
        exposeToLAN = reader.bool("expose_to_lan", default: false)
        preferredPorts = reader.optionalObject("preferred_ports").map(PreferredPorts.init(reading:)) ?? PreferredPorts()
        mediamtxVersion = reader.string("mediamtx_version", default: Self.defaultMediaMTXVersion).trimmed
        webrtcICEServers = Self.iceServers(reader)
        webrtcAdditionalHosts = Self.hosts(reader)
        multicast = reader.optionalObject("multicast").map(MulticastSettings.init(reading:)) ?? MulticastSettings()
        srt = reader.optionalObject("srt").map(SRTSettings.init(reading:)) ?? SRTSettings()
        reader.forbidUnknownMembers()
        if mediamtxVersion.wholeMatch(of: /v\d{1,4}\.\d{1,4}\.\d{1,4}/) == nil {
            reader.report(
                CodedMessage("mediamtx_version_wrong", "Write a MediaMTX version as vX.Y.Z, such as v1.16.2."),
                at: "mediamtx_version")
        }
    }

    public static let defaultMediaMTXVersion = "v1.16.2"

    /// Items of a list of texts and objects, or of one text with commas or line breaks; each address once whatever its case.
    private static func iceServers(_ reader: ObjectReader) -> [WebRTCICEServer] {
        let name = "webrtc_ice_servers"
        let value = reader.value(name)
        let items =
            value?.arrayValue
            ?? value?.stringValue?.split(whereSeparator: { $0 == "," || $0.isNewline }).map { .string(String($0)) }
            ?? []
        var seen: Set<String> = []
        let servers = items.compactMap { item in
            if let text = item.stringValue { return WebRTCICEServer(text: text.trimmed) }
            return item.objectValue.flatMap { WebRTCICEServer(reading: reader.nested($0, at: name)) }
        }
        // Not with what was sent, which may hold a password.
        for problem in servers.compactMap(\.problem) { reader.nested([:], at: name).report(problem) }
        return servers.filter { seen.insert($0.url.lowercased()).inserted }
    }

    private static func hosts(_ reader: ObjectReader) -> [String] {
        let name = "webrtc_additional_hosts"
        let value = reader.value(name)
        let items =
            value?.arrayValue?.compactMap(\.stringValue?.trimmed) ?? value?.stringValue.map(MediaHost.list) ?? []
        for problem in items.compactMap(MediaHost.problem(with:)) { reader.report(problem, at: name) }
        var seen: Set<String> = []
        return items.filter { seen.insert($0.lowercased()).inserted }
    }

    /// The settings with the passwords that an update left out taken from what is stored.
    func keepingSecrets(of stored: EngineSettings) -> EngineSettings {
        var result = self
        result.webrtcICEServers = webrtcICEServers.map { $0.keepingSecret(of: stored.webrtcICEServers) }
        result.srt = srt.keepingSecrets(of: stored.srt)
        return result
    }

    public func json(_ form: SecretForm) -> JSONValue {
        [
            "enabled": .bool(enabled), "kind": .string(kind.rawValue), "expose_to_lan": .bool(exposeToLAN),
            "preferred_ports": preferredPorts.json, "mediamtx_version": .string(mediamtxVersion),
            "webrtc_ice_servers": .array(webrtcICEServers.map { $0.json(form) }),
            "webrtc_additional_hosts": .array(webrtcAdditionalHosts.map(JSONValue.string)),
            "multicast": multicast.json, "srt": srt.json(form),
        ]
    }
}

/// Whether and where cameras themselves are offered on the engine (contract A.1, "camera_ingest settings").
public struct CameraIngestSettings: JSONModel {
    public var enabled: Bool
    public var pathPrefix: String

    public init() {
        self.init(reading: ObjectReader([:], at: [], issues: IssueList()))
    }

    public init(reading reader: ObjectReader) {
        enabled = reader.bool("enabled", default: true)
        pathPrefix = Slug.make(reader.string("path_prefix", default: "ingest"), fallback: "ingest")
        reader.forbidUnknownMembers()
    }

    public var json: JSONValue { ["enabled": .bool(enabled), "path_prefix": .string(pathPrefix)] }
}

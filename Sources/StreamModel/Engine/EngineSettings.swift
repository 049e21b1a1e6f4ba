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
    public var api = 9997

    public static let range = 1...65535

    public init() {}

    init(reading reader: ObjectReader) {
        let defaults = PreferredPorts()
        rtsp = reader.integer("rtsp", in: Self.range, default: defaults.rtsp)
        hls = reader.integer("hls", in: Self.range, default: defaults.hls)
        webrtc = reader.integer("webrtc", in: Self.range, default: defaults.webrtc)
        api = reader.integer("api", in: Self.range, default: defaults.api)
        reader.forbidUnknownMembers()
    }

    var json: JSONValue {
        ["rtsp": .integer(rtsp), "hls": .integer(hls), "webrtc": .integer(webrtc), "api": .integer(api)]
    }
}

/// How the engine is run (contract A.1, "Engine settings", and `kind` of our own).
public struct EngineSettings: JSONModel {
    public var enabled: Bool
    public var kind: EngineKind
    /// Listen on every address instead of only on this machine's own.
    public var exposeToLAN: Bool
    public var preferredPorts: PreferredPorts
    public var mediamtxVersion: String
    /// `stun:`, `turn:` and `turns:` URLs.
    public var webrtcICEServers: [String]

    public init() {
        self.init(reading: ObjectReader([:], at: [], issues: IssueList()))
    }

    public init(reading reader: ObjectReader) {
        enabled = reader.bool("enabled", default: false)
        kind = reader.choice("kind", default: .auto)
        exposeToLAN = reader.bool("expose_to_lan", default: false)
        preferredPorts = reader.optionalObject("preferred_ports").map(PreferredPorts.init(reading:)) ?? PreferredPorts()
        mediamtxVersion = reader.string("mediamtx_version", default: Self.defaultMediaMTXVersion).trimmed
        webrtcICEServers = Self.iceServers(reader.value("webrtc_ice_servers"))
        reader.forbidUnknownMembers()
        if mediamtxVersion.wholeMatch(of: /v\d{1,4}\.\d{1,4}\.\d{1,4}/) == nil {
            reader.report("Write a MediaMTX version as vX.Y.Z, such as v1.16.2.", at: "mediamtx_version")
        }
    }

    public static let defaultMediaMTXVersion = "v1.16.2"

    /// Keeps `stun:`, `turn:` and `turns:` items of a list or of one text, each once whatever its case.
    private static func iceServers(_ value: JSONValue?) -> [String] {
        let items =
            value?.arrayValue?.compactMap(\.stringValue)
            ?? value?.stringValue?.split(whereSeparator: { $0 == "," || $0.isNewline }).map(String.init) ?? []
        var seen: Set<String> = []
        return items.map(\.trimmed).filter { item in
            let folded = item.lowercased()
            return ["stun:", "turn:", "turns:"].contains(where: folded.hasPrefix) && seen.insert(folded).inserted
        }
    }

    public var json: JSONValue {
        [
            "enabled": .bool(enabled), "kind": .string(kind.rawValue), "expose_to_lan": .bool(exposeToLAN),
            "preferred_ports": preferredPorts.json, "mediamtx_version": .string(mediamtxVersion),
            "webrtc_ice_servers": .array(webrtcICEServers.map(JSONValue.string)),
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

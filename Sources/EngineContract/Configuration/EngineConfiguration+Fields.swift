import StreamModel

extension EngineConfiguration {
    /// Every key of the subset, in the order of MediaMTX's sample file; `paths` is apart.
    static var fields: [ConfigurationField<EngineConfiguration>] {
        [
            .string("logLevel", \.logLevel),
            .strings("logDestinations", \.logDestinations),
            .duration("readTimeout", \.readTimeout),
            .duration("writeTimeout", \.writeTimeout),
            .integer("writeQueueSize", \.writeQueueSize, in: 1...1 << 16),
            .integer("udpMaxPayloadSize", \.udpMaxPayloadSize, in: 256...1472),
            .string("authMethod", \.authMethod),
            .list(
                "authInternalUsers", \.authInternalUsers,
                expected: "a list of users with user, pass, ips and permissions",
                to: \.json, from: AuthInternalUser.init(json:)),
            .bool("api", \.api),
            .string("apiAddress", \.apiAddress),
            .strings("apiAllowOrigins", \.apiAllowOrigins),
            .bool("metrics", \.metrics),
            .bool("pprof", \.pprof),
            .bool("playback", \.playback),
            .bool("rtsp", \.rtsp),
            .choices("rtspTransports", \.rtspTransports),
            .string("rtspAddress", \.rtspAddress),
            .string("rtpAddress", \.rtpAddress),
            .string("rtcpAddress", \.rtcpAddress),
            .choices("rtspAuthMethods", \.rtspAuthMethods),
            .bool("rtmp", \.rtmp),
            .bool("srt", \.srt),
            .bool("hls", \.hls),
            .string("hlsAddress", \.hlsAddress),
            .strings("hlsAllowOrigins", \.hlsAllowOrigins),
            .bool("hlsAlwaysRemux", \.hlsAlwaysRemux),
            .choice("hlsVariant", \.hlsVariant),
            .integer("hlsSegmentCount", \.hlsSegmentCount, in: 3...100),
            .duration("hlsSegmentDuration", \.hlsSegmentDuration),
            .duration("hlsPartDuration", \.hlsPartDuration),
            .byteCount("hlsSegmentMaxSize", \.hlsSegmentMaxSize),
            .duration("hlsMuxerCloseAfter", \.hlsMuxerCloseAfter),
            .bool("webrtc", \.webrtc),
            .string("webrtcAddress", \.webrtcAddress),
            .strings("webrtcAllowOrigins", \.webrtcAllowOrigins),
            .string("webrtcLocalUDPAddress", \.webrtcLocalUDPAddress),
            .string("webrtcLocalTCPAddress", \.webrtcLocalTCPAddress),
            .strings("webrtcAdditionalHosts", \.webrtcAdditionalHosts),
            .list(
                "webrtcICEServers2", \.webrtcICEServers2, expected: "a list of servers with url, username and password",
                to: \.json, from: ICEServer.init(json:)),
        ]
    }

    /// The configuration as the API's JSON, without the paths.
    public var globalJSON: JSONValue { .object(Self.fields.members(of: self)) }

    /// Changes the keys that a JSON object names, as `PATCH /v3/config/global/patch` does.
    ///
    /// - Returns: the keys that are not known, which the caller refuses or warns of.
    /// - Throws: ``EngineConfigurationError``; the configuration is then half changed and to be thrown away.
    public mutating func apply(_ changes: [String: JSONValue]) throws(EngineConfigurationError) -> [String] {
        try Self.fields.apply(changes, to: &self, place: "")
    }
}

extension PathConfiguration {
    static var fields: [ConfigurationField<PathConfiguration>] {
        [
            .string("source", \.source),
            .integer("maxReaders", \.maxReaders, in: 0...1_000_000),
            .bool("overridePublisher", \.overridePublisher),
            .string("runOnDemand", \.runOnDemand),
            .bool("runOnDemandRestart", \.runOnDemandRestart),
            .duration("runOnDemandStartTimeout", \.runOnDemandStartTimeout),
            .duration("runOnDemandCloseAfter", \.runOnDemandCloseAfter),
        ]
    }

    /// The settings as the API's JSON.
    public var json: JSONValue { .object(Self.fields.members(of: self)) }

    /// Changes the keys that a JSON object names.
    ///
    /// - Parameter place: what stands before a key in an error (`paths.front-door.`).
    /// - Returns: the keys that are not known.
    /// - Throws: ``EngineConfigurationError``
    public mutating func apply(
        _ changes: [String: JSONValue], place: String = ""
    ) throws(EngineConfigurationError) -> [String] {
        try Self.fields.apply(changes, to: &self, place: place)
    }
}

extension AuthInternalUser {
    var json: JSONValue {
        [
            "user": .string(user), "pass": .string(pass), "ips": .array(ips.map(JSONValue.string)),
            "permissions": .array(
                permissions.map { ["action": .string($0.action.rawValue), "path": .string($0.path)] }),
        ]
    }

    /// Nil when a part is missing or of the wrong kind.
    init?(json: JSONValue) {
        func text(_ value: JSONValue?) -> String? {
            value.map { $0.stringValue ?? $0.integerValue.map(String.init) ?? "" } ?? ""
        }
        guard let user = text(json["user"]), let pass = text(json["pass"]), !user.isEmpty else { return nil }
        let permissions = (json["permissions"]?.arrayValue ?? []).map { item in
            item["action"]?.stringValue.flatMap(AuthAction.init(rawValue:))
                .map { AuthPermission(action: $0, path: text(item["path"]) ?? "") }
        }
        guard permissions.allSatisfy({ $0 != nil }) else { return nil }
        self.init(
            user: user, pass: pass, ips: (json["ips"]?.arrayValue ?? []).compactMap(\.stringValue),
            permissions: permissions.compactMap(\.self))
    }
}

extension ICEServer {
    var json: JSONValue { ["url": .string(url), "username": .string(username), "password": .string(password)] }

    init?(json: JSONValue) {
        guard let url = json["url"]?.stringValue else { return nil }
        self.init(url: url)
        username = json["username"]?.stringValue ?? ""
        password = json["password"]?.stringValue ?? ""
    }
}

extension Array {
    fileprivate func members<Root>(of root: Root) -> [String: JSONValue] where Element == ConfigurationField<Root> {
        Dictionary(uniqueKeysWithValues: map { ($0.name, $0.read(root)) })
    }

    fileprivate func apply<Root>(
        _ changes: [String: JSONValue], to root: inout Root, place: String
    ) throws(EngineConfigurationError) -> [String] where Element == ConfigurationField<Root> {
        var unknown: [String] = []
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            guard let field = first(where: { $0.name == name }) else {
                unknown.append(place + name)
                continue
            }
            try field.write(&root, value, place + name)
        }
        return unknown
    }
}

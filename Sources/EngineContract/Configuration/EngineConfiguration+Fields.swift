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
                "authInternalUsers", \.authInternalUsers, of: "users with user, pass, ips and permissions", to: \.json,
                from: AuthInternalUser.init(json:at:)),
            .bool("api", \.api),
            .string("apiAddress", \.apiAddress),
            .strings("apiAllowOrigins", \.apiAllowOrigins),
            .bool("metrics", \.metrics),
            .bool("pprof", \.pprof),
            .bool("playback", \.playback),
            .bool("rtsp", \.rtsp),
            .choices("rtspTransports", \.rtspTransports),
            .choice("rtspEncryption", \.rtspEncryption),
            .string("rtspAddress", \.rtspAddress),
            .string("rtspsAddress", \.rtspsAddress),
            .string("rtpAddress", \.rtpAddress),
            .string("rtcpAddress", \.rtcpAddress),
            .string("srtpAddress", \.srtpAddress),
            .string("srtcpAddress", \.srtcpAddress),
            .string("multicastIPRange", \.multicastIPRange),
            .integer("multicastRTPPort", \.multicastRTPPort, in: 1...65535),
            .integer("multicastRTCPPort", \.multicastRTCPPort, in: 1...65535),
            .integer("multicastTTL", \.multicastTTL, in: 1...255),
            .string("multicastInterface", \.multicastInterface),
            .bool("multicastSourceSpecific", \.multicastSourceSpecific),
            .bool("multicastAnnounce", \.multicastAnnounce),
            .string("rtspServerKey", \.rtspServerKey),
            .string("rtspServerCert", \.rtspServerCert),
            .choices("rtspAuthMethods", \.rtspAuthMethods),
            .bool("rtmp", \.rtmp),
            .string("rtmpAddress", \.rtmpAddress),
            .bool("srt", \.srt),
            .string("srtAddress", \.srtAddress),
            .duration("srtLatency", \.srtLatency),
            .bool("hls", \.hls),
            .string("hlsAddress", \.hlsAddress),
            .bool("hlsEncryption", \.hlsEncryption),
            .string("hlsServerKey", \.hlsServerKey),
            .string("hlsServerCert", \.hlsServerCert),
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
            .bool("webrtcEncryption", \.webrtcEncryption),
            .string("webrtcServerKey", \.webrtcServerKey),
            .string("webrtcServerCert", \.webrtcServerCert),
            .strings("webrtcAllowOrigins", \.webrtcAllowOrigins),
            .string("webrtcLocalUDPAddress", \.webrtcLocalUDPAddress),
            .string("webrtcLocalTCPAddress", \.webrtcLocalTCPAddress),
            .strings("webrtcAdditionalHosts", \.webrtcAdditionalHosts),
            .list(
                "webrtcICEServers2", \.webrtcICEServers2, of: "servers with url, username and password", to: \.json,
                from: ICEServer.init(json:at:)),
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
            .secret("srtPublishPassphrase", \.srtPublishPassphrase, ofLength: 10...79),
            .optionalChoice("hlsVariant", \.hlsVariant),
            .optionalString("webrtcLowerPath", \.webrtcLowerPath),
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

extension ICEServer {
    var json: JSONValue { ["url": .string(url), "username": .string(username), "password": .string(password)] }

    init(json: JSONValue, at place: String) throws(EngineConfigurationError) {
        // MediaMTX has further keys, such as `clientOnly`, which say nothing about who may do what.
        guard let url = json["url"]?.stringValue else { throw .wrongValue(key: "\(place).url", expected: "a text") }
        self.init(url: url)
        username = try json.text("username", at: place)
        password = try json.text("password", at: place)
    }
}

extension JSONValue {
    /// A text in a mapping, empty when it is missing. Nothing else is taken for one: YAML reads `off` as a truth value
    /// and `0123` as another number, and a password must not become another than was meant.
    func text(_ name: String, at place: String) throws(EngineConfigurationError) -> String {
        guard let value = self[name] else { return "" }
        guard let text = value.stringValue else {
            throw .wrongValue(key: "\(place).\(name)", expected: "a text; put it in quotes")
        }
        return text
    }
}

extension Array {
    /// The keys with a value; one without is not written at all.
    func written<Root>(of root: Root) -> [(name: String, value: JSONValue)]
    where Element == ConfigurationField<Root> {
        map { (name: $0.name, value: $0.read(root)) }.filter { $0.value != .null }
    }

    fileprivate func members<Root>(of root: Root) -> [String: JSONValue] where Element == ConfigurationField<Root> {
        Dictionary(uniqueKeysWithValues: written(of: root).map { ($0.name, $0.value) })
    }

    fileprivate func apply<Root>(
        _ changes: [String: JSONValue], to root: inout Root, place: String
    ) throws(EngineConfigurationError) -> [String] where Element == ConfigurationField<Root> {
        var unknown: [String] = []
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            guard let field = first(where: { $0.name == name }) else {
                if AuthorizationKey.mustNotBeIgnored(name) { throw .unknownKey(place + name) }
                unknown.append(place + name)
                continue
            }
            try field.write(&root, value, place + name)
        }
        return unknown
    }
}

import EngineContract
import StreamModel
import Testing

@Suite("The engine's configuration file")
struct EngineConfigurationTests {
    @Test("an empty file is MediaMTX's defaults (mediamtx-facts E.2)")
    func defaults() throws {
        let (configuration, unknown) = try EngineConfiguration.parse(yaml: "")
        #expect(configuration == EngineConfiguration() && unknown.isEmpty)
        #expect(configuration.rtspAddress == ":8554" && configuration.hlsMuxerCloseAfter == .seconds(60))
        #expect(configuration.hlsSegmentMaxSize == 52_428_800 && configuration.hlsVariant == .lowLatency)
    }

    @Test("what is written is read back the same, with names that YAML would take for truth values")
    func roundTrip() throws {
        var configuration = EngineConfiguration()
        configuration.rtspAddress = "127.0.0.1:8554"
        configuration.hlsVariant = .mpegts
        configuration.hlsPartDuration = .milliseconds(333)
        configuration.rtspTransports = [.udp, .tcp]
        configuration.webrtcICEServers2 = [ICEServer(url: "stun:x")]
        configuration.authInternalUsers = [
            AuthInternalUser(
                user: "o'n\"e\\\n\u{1}", pass: "null", ips: ["127.0.0.1", "::1"],
                permissions: [AuthPermission(action: .publish, path: "on"), .init(action: .read, path: "~^a")]),
            AuthInternalUser(user: "any", permissions: []),
        ]
        var path = PathConfiguration()
        path.runOnDemand = "'/opt/a b/x' demand-hook --socket \"/y\""
        try configuration.setPath("plain", path)
        path.hlsVariant = .lowLatency
        path.webrtcLowerPath = "plain"
        for name in ["on", "no", "null", "1234", "a/b.c", "all_others", "~^x.*$"] {
            try configuration.setPath(name, path)
        }
        let (read, unknown) = try EngineConfiguration.parse(yaml: configuration.yaml)
        #expect(read == configuration)
        #expect(unknown.isEmpty)
        // MediaMTX knows no such key of a path, and would refuse the file for it.
        for key in ["hlsVariant", "webrtcLowerPath"] { #expect(configuration.paths["plain"]?.json[key] == nil) }
        #expect(configuration.paths["on"]?.json["hlsVariant"] == "lowLatency")
        #expect(configuration.paths["on"]?.json["webrtcLowerPath"] == "plain")
    }

    @Test("MediaMTX's own spellings are read")
    func foreignFile() throws {
        let (configuration, unknown) = try EngineConfiguration.parse(
            yaml: """
                api: yes
                rtspTransports: [udp, tcp]
                readTimeout: 1m30s
                moq: false
                authInternalUsers:
                - user: any
                  pass:
                  ips: []
                  permissions:
                  - action: read
                    path:
                - user: "1234"
                  permissions: [{action: publish}]
                authHTTPAddress:
                paths:
                  test:
                  cam:
                    source: publisher
                    record: no
                """)
        #expect(configuration.api && configuration.readTimeout == .seconds(90))
        #expect(configuration.authInternalUsers.map(\.user) == ["any", "1234"])
        #expect(configuration.paths["test"] == PathConfiguration())
        #expect(unknown == ["authHTTPAddress", "moq", "paths.cam.record"])
    }

    @Test(
        "a file that can't be used is refused with the key and what it has to be",
        arguments: [
            ("- a", "mapping"), ("a: [", "not valid YAML"), ("rtspAddress: [1]", "'rtspAddress'"),
            ("readTimeout: soon", "10s or 200ms"), ("hlsVariant: dash", "mpegts, fmp4, lowLatency"),
            ("udpMaxPayloadSize: 9000", "256 to 1472"), ("paths: [a]", "'paths'"), ("paths: {'../x': {}}", "'../x'"),
            ("paths: {a: {maxReaders: -1}}", "'paths.a.maxReaders'"),
            ("paths: {a: {srtPublishPassphrase: short}}", "10 to 79"), ("srtLatency: 120", "10s or 200ms"),
        ])
    func refused(yaml: String, mention: String) {
        let error = #expect(throws: EngineConfigurationError.self) { try EngineConfiguration.parse(yaml: yaml) }
        #expect(error?.description.contains(mention) == true)
    }

    @Test("MediaMTX gets its own keys alone: it refuses a file for one that it does not know")
    func ownKeys() throws {
        var configuration = EngineConfiguration()
        (configuration.multicastTTL, configuration.multicastInterface) = (1, "eth0")
        (configuration.multicastSourceSpecific, configuration.multicastAnnounce) = (true, true)
        (configuration.multicastIPRange, configuration.multicastRTPPort) = ("239.1.2.0/24", 6000)
        configuration.multicastRTCPPort = 6001
        (configuration.srtAddress, configuration.srtLatency) = ("127.0.0.1:9000", .seconds(1))
        var path = PathConfiguration()
        path.srtPublishPassphrase = Secret("ten-or-more")
        configuration.paths["input/phone"] = path
        #expect(try EngineConfiguration.parse(yaml: configuration.yaml).configuration == configuration)
        let foreign = configuration.yaml(for: MediaMTXVersion(1, 16, 2))
        for (key, isTheirs) in [
            ("multicastIPRange", true), ("multicastRTPPort", true), ("multicastRTCPPort", true),
            ("multicastTTL", false), ("multicastInterface", false), ("multicastSourceSpecific", false),
            ("multicastAnnounce", false), ("srtAddress", true), ("srtLatency", false),
            ("    srtPublishPassphrase", true),
        ] {
            #expect(foreign.contains("\n\(key): ") == isTheirs, "\(key)")
        }
    }

    @Test(
        "where nothing can be sent by multicast is refused, unless nothing is",
        arguments: [
            ("10.0.0.0/8", 8002, 8003), ("224.0.0.0/24", 8002, 8003), ("224.1.0.0/16", 8003, 8004),
            ("224.1.0.0/16", 8002, 8004), ("ff15::c242:0/112", 8002, 8003),
        ])
    func badMulticast(range: String, rtp: Int, rtcp: Int) throws {
        var configuration = EngineConfiguration()
        configuration.multicastIPRange = range
        (configuration.multicastRTPPort, configuration.multicastRTCPPort) = (rtp, rtcp)
        // By default nothing is.
        try configuration.validate()
        configuration.rtspTransports.append(.multicast)
        #expect(throws: EngineConfigurationError.self) { try configuration.validate() }
    }

    /// Nobody has let in anybody to what is announced, so nobody's transport says how it may be sent.
    @Test(
        "nothing is announced where RTSP is not in the clear",
        arguments: [(true, .no, true), (true, .optional, true), (true, .strict, false), (false, .no, false)]
            as [(Bool, Encryption, Bool)])
    func announcing(rtsp: Bool, encryption: Encryption, isAllowed: Bool) throws {
        var configuration = EngineConfiguration()
        configuration.rtspTransports.append(.multicast)
        (configuration.rtsp, configuration.rtspEncryption) = (rtsp, encryption)
        try configuration.validateMulticast()
        configuration.multicastAnnounce = true
        if isAllowed {
            try configuration.validateMulticast()
        } else {
            #expect(throws: EngineConfigurationError.self) { try configuration.validateMulticast() }
        }
    }

    @Test("groups of IPv6 need an interface")
    func groupsOfIPv6() throws {
        var configuration = EngineConfiguration()
        configuration.rtspTransports.append(.multicast)
        configuration.multicastIPRange = "ff15::c242:0/112"
        #expect(throws: EngineConfigurationError.self) { try configuration.validate() }
        configuration.multicastInterface = "eth0"
        try configuration.validate()
    }

    /// Each of these was read as something that lets in more than was meant: from every address, with an empty password,
    /// with a password that is another one, without one.
    @Test(
        "what is not understood of users and permissions is refused with its key",
        arguments: [
            ("authInternalUsers: any", "'authInternalUsers'"), ("authInternalUsers: [any]", "'authInternalUsers[0]'"),
            ("authInternalUsers: [{user: a, ips: 127.0.0.1}]", "'authInternalUsers[0].ips'"),
            ("authInternalUsers: [{user: a, ips: [{a: b}]}]", "'authInternalUsers[0].ips[0]'"),
            ("authInternalUsers: [{user: a, pass: off}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: a, pass: null}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: a, pass: 0123}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: a, pass: 1e3}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: a, pass: [b]}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: a, pass: <redacted>}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: a, pass: ••••}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: a, pass: 'sha256:abc'}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: any, pass: b}]", "'authInternalUsers[0].pass'"),
            ("authInternalUsers: [{user: any}, {user: yes}]", "'authInternalUsers[1].user'"),
            ("authInternalUsers: [{pass: b}]", "'authInternalUsers[0].user'"),
            ("authInternalUsers: [{user: a, password: b}]", "'authInternalUsers[0].password'"),
            ("authInternalUsers: [{user: a, permissions: read}]", "'authInternalUsers[0].permissions'"),
            ("authInternalUsers: [{user: a, permissions: [read]}]", "'authInternalUsers[0].permissions[0]'"),
            (
                "authInternalUsers: [{user: a, permissions: [{action: fly}]}]",
                "'authInternalUsers[0].permissions[0].action'"
            ),
            (
                "authInternalUsers: [{user: a, permissions: [{action: read, path: no}]}]",
                "'authInternalUsers[0].permissions[0].path'"
            ),
            (
                "authInternalUsers: [{user: a, permissions: [{action: read, paths: b}]}]",
                "'authInternalUsers[0].permissions[0].paths'"
            ),
            ("authInternalUser: []", "'authInternalUser'"), ("paths: {a: {readUser: b}}", "'paths.a.readUser'"),
            ("webrtcICEServers2: [{url: 'turn:x', password: on}]", "'webrtcICEServers2[0].password'"),
        ])
    func misread(yaml: String, mention: String) {
        let error = #expect(throws: EngineConfigurationError.self) { try EngineConfiguration.parse(yaml: yaml) }
        #expect(error?.description.contains(mention) == true)
    }

    @Test(
        "durations",
        arguments: [
            ("10s", Duration.seconds(10)), ("200ms", .milliseconds(200)), ("1m30s", .seconds(90)),
            ("1h", .seconds(3600)),
            ("1.5s", .milliseconds(1500)), ("0s", .zero),
        ])
    func durations(text: String, duration: Duration) throws {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.parse(DurationText.format(duration)) == duration)
    }

    @Test("texts that are no durations or sizes", arguments: ["", "10", "s", "-1s", "10x", "1s ", "99999999h"])
    func noDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test("sizes", arguments: [("50M", 52_428_800), ("512K", 524_288), ("7", 7), ("1GB", 1_073_741_824)])
    func sizes(text: String, bytes: Int) {
        #expect(ByteCountText.parse(text) == bytes)
        #expect(ByteCountText.parse(ByteCountText.format(bytes)) == bytes)
    }

    @Test(
        "path names",
        arguments: [
            ("front-door", true), ("a/b.c_d", true), ("", false), ("/a", false), ("a/", false), ("a//b", false),
            ("a/../b", false),
            ("garagé", false), ("a b", false), (".", false),
        ])
    func pathNames(name: String, isValid: Bool) {
        #expect((PathName.problem(with: name) == nil) == isValid)
    }

    @Test("our own hook is recognised among commands")
    func demandHook() {
        let hook = DemandHook(executable: "/opt/my app/\"x\"", socket: "/run/d.sock")
        #expect(hook.command == #""/opt/my app/\"x\"" demand-hook --socket "/run/d.sock""#)
        #expect(DemandHook(words: ["/opt/my app/\"x\"", "demand-hook", "--socket", "/run/d.sock"]) == hook)
        for words in [
            ["/a", "demand-hook"], ["/a", "worker", "--socket", "/b"], ["/a", "demand-hook", "--socket", "/b", "c"],
        ] {
            #expect(DemandHook(words: words) == nil)
        }
    }
}

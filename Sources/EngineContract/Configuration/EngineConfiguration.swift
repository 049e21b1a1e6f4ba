import StreamModel

/// How HLS is packed.
public enum HLSVariant: String, CaseIterable, Codable, Sendable {
    case mpegts, fmp4, lowLatency
}

/// A method of proving a password over RTSP.
public enum RTSPAuthMethod: String, CaseIterable, Codable, Sendable {
    case basic, digest
}

/// A way in which RTP of an RTSP session travels.
public enum RTSPTransportKind: String, CaseIterable, Codable, Sendable {
    case udp, multicast, tcp
}

/// Whether a protocol is served by TLS.
public enum Encryption: String, CaseIterable, Codable, Sendable {
    case no, optional, strict
}

/// The engine's configuration file: the subset of MediaMTX's that we use, under MediaMTX's own names and with its
/// defaults (reference: mediamtx-facts E.2).
///
/// Addresses are `host:port` or `:port`.
public struct EngineConfiguration: Hashable, Sendable {
    public var logLevel = "info"
    public var logDestinations = ["stdout"]
    public var readTimeout: Duration = .seconds(10)
    public var writeTimeout: Duration = .seconds(10)
    /// Packets that wait for one reader at most.
    public var writeQueueSize = 512
    /// Bytes of a UDP payload at most.
    public var udpMaxPayloadSize = 1452

    public var authMethod = "internal"
    public var authInternalUsers: [AuthInternalUser] = AuthInternalUser.defaults

    public var api = false
    public var apiAddress = ":9997"
    public var apiAllowOrigins = ["*"]
    public var metrics = false
    public var pprof = false
    public var playback = false

    public var rtsp = true
    /// MediaMTX's default has multicast as well; here whoever writes the file has to ask for it, since everybody on the network reads that.
    public var rtspTransports: [RTSPTransportKind] = [.udp, .tcp]
    /// By TLS as well, at ``rtspsAddress`` (`optional`), or by nothing else (`strict`).
    public var rtspEncryption: Encryption = .no
    public var rtspAddress = ":8554"
    public var rtspsAddress = ":8322"
    public var rtpAddress = ":8000"
    public var rtcpAddress = ":8001"
    /// Of RTP and RTCP that belong to sessions by TLS.
    public var srtpAddress = ":8004"
    public var srtcpAddress = ":8005"
    /// The groups that streams are sent to by multicast, one for each.
    public var multicastIPRange = "224.1.0.0/16"
    /// Even; ``multicastRTCPPort`` is the next one.
    public var multicastRTPPort = 8002
    public var multicastRTCPPort = 8003
    /// Networks that such packets cross at most. MediaMTX's value; to choose another one is ours alone, like the next three keys.
    public var multicastTTL = 16
    /// The name or an address of the interface that they leave by; empty is the one that the system takes, which it does for groups
    /// of IPv4 alone. MediaMTX takes all.
    public var multicastInterface = ""
    /// Whether viewers are told to take packets of this machine alone (RFC 4607).
    public var multicastSourceSpecific = false
    /// Whether streams that run and that everybody may read are announced by SAP (RFC 2974), and sent to their groups all the while.
    public var multicastAnnounce = false
    public var rtspServerKey = "server.key"
    public var rtspServerCert = "server.crt"
    public var rtspAuthMethods: [RTSPAuthMethod] = [.basic]

    public var rtmp = true
    public var rtmpAddress = ":1935"
    public var srt = true
    public var srtAddress = ":8890"
    /// For which packets wait so that those that got lost can come again; a sender that wants more gets it. MediaMTX's value; to choose
    /// another one is ours alone.
    public var srtLatency: Duration = .milliseconds(120)

    public var hls = true
    public var hlsAddress = ":8888"
    /// By HTTPS alone.
    public var hlsEncryption = false
    public var hlsServerKey = "server.key"
    public var hlsServerCert = "server.crt"
    public var hlsAllowOrigins = ["*"]
    public var hlsAlwaysRemux = false
    public var hlsVariant: HLSVariant = .lowLatency
    public var hlsSegmentCount = 7
    public var hlsSegmentDuration: Duration = .seconds(1)
    public var hlsPartDuration: Duration = .milliseconds(200)
    /// Bytes.
    public var hlsSegmentMaxSize = 50 << 20
    public var hlsMuxerCloseAfter: Duration = .seconds(60)

    public var webrtc = true
    public var webrtcAddress = ":8889"
    /// By HTTPS alone.
    public var webrtcEncryption = false
    public var webrtcServerKey = "server.key"
    public var webrtcServerCert = "server.crt"
    public var webrtcAllowOrigins = ["*"]
    public var webrtcLocalUDPAddress = ":8189"
    public var webrtcLocalTCPAddress = ""
    public var webrtcAdditionalHosts: [String] = []
    public var webrtcICEServers2: [ICEServer] = []

    /// Path settings by name; a name that starts with `~` is a regular expression, `all_others` is every other name.
    public var paths: [String: PathConfiguration] = [:]

    public init() {}
}

/// A STUN or TURN server.
public struct ICEServer: Hashable, Sendable {
    public var url: String
    public var username = ""
    public var password = ""

    public init(url: String) { self.url = url }
}

/// Whatever prints a server prints a mask for the password.
extension ICEServer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        "ICEServer(url: \(url), username: \(username), password: \(password.masked))"
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror {
        Mirror(self, children: ["url": url, "username": username, "password": password.masked])
    }
}

/// The settings of one path or of a pattern of paths.
public struct PathConfiguration: Hashable, Sendable {
    /// `publisher`; sources that the engine pulls itself are not part of the subset.
    public var source = "publisher"
    /// Readers at once; 0 is no limit.
    public var maxReaders = 0
    /// Whether a new publisher takes over from one that is still connected.
    public var overridePublisher = true
    /// The command that is run while readers want the path and nobody publishes it; split at white space with quotes
    /// honoured, never given to a shell. Empty: none.
    public var runOnDemand = ""
    public var runOnDemandRestart = false
    /// How long readers are held until a publisher comes.
    public var runOnDemandStartTimeout: Duration = .seconds(10)
    /// How long after the last reader the command is ended.
    public var runOnDemandCloseAfter: Duration = .seconds(10)
    /// With which publishers by SRT encrypt, 10 to 79 bytes; nil is in the clear.
    public var srtPublishPassphrase: Secret?
    /// How HLS of the path is packed; nil as the others are. The built-in engine alone has it: MediaMTX packs all paths alike.
    public var hlsVariant: HLSVariant?
    /// The path that has the same in fewer bits, where viewers by WebRTC are sent whose line does not carry this one; nil where there is
    /// none. The built-in engine alone has it.
    public var webrtcLowerPath: String?

    public init() {}

    /// The key that stands for every path without settings of its own.
    public static let allOthers = "all_others"
}

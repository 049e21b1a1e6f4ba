import EngineContract
import StreamModel

/// Renders what users set up as the engine's configuration (contract B.6).
struct EngineConfigurationBuilder: Sendable {
    /// A user of the control API, made up anew at each start of the server.
    var apiUser: String
    var apiPassword: Secret
    /// As which this server reads streams.
    var reader: EngineReader
    /// What publishers' passwords are derived from.
    var publishSecret: [UInt8]
    /// The command that engines run while a reader wants a path that nobody publishes.
    var demandHook: String
    /// What whoever runs the server says of WebRTC.
    var webRTC = WebRTCAddresses()
    /// Of the certificate that viewers see; nil is no TLS.
    var certificate: CertificateFiles?
    /// Whose pages may play from the engine's own ports. Ours need none: they play by this server.
    var allowedOrigins: [String] = []

    /// How long the engine waits after the last reader until it ends the hook.
    ///
    /// A player that reconnects at once must not restart the encoder; the rest of the drain is ``DemandTracker``'s.
    static let hookCloseAfter: Duration = .seconds(1)
    /// How long an HLS output lives after its last request.
    static let hlsCloseAfter: Duration = .seconds(10)

    /// - Parameter engine: that which is to read it.
    func configuration(
        for goal: EngineGoal, ports: PortAssignment, engine: EngineKind = .builtin
    ) -> EngineConfiguration {
        var result = EngineConfiguration()
        let host = goal.settings.exposeToLAN ? "" : "127.0.0.1"
        result.api = true
        result.apiAddress = "127.0.0.1:\(ports.ports.api)"
        result.rtspTransports = [.udp, .tcp]
        if goal.usesMulticast(by: engine) { addMulticast(to: &result, goal.settings.multicast, engine: engine) }
        result.rtspAddress = "\(host):\(ports.ports.rtsp)"
        result.rtpAddress = "\(host):\(ports.rtp)"
        result.rtcpAddress = "\(host):\(ports.rtp + 1)"
        // Nothing listens where nobody has anything to send.
        result.rtmp = !goal.inputs.isEmpty
        result.rtmpAddress = "\(host):\(ports.ports.rtmp)"
        addSRT(to: &result, goal, port: ports.ports.srt, host: host, engine: engine)
        result.hlsAddress = "\(host):\(ports.ports.hls)"
        result.hlsAllowOrigins = allowedOrigins
        result.hlsVariant = .mpegts
        result.hlsMuxerCloseAfter = Self.hlsCloseAfter
        result.webrtcAllowOrigins = allowedOrigins
        result.webrtcAddress = "\(host):\(ports.ports.webrtc)"
        let media = ports.webRTCMedia.map { "\(host):\($0)" }
        if let address = webRTC.localUDP ?? media { result.webrtcLocalUDPAddress = address }
        result.webrtcLocalTCPAddress = webRTC.localTCP ?? media ?? ""
        result.webrtcAdditionalHosts = webRTCHosts(goal.settings, found: goal.hostAddresses).map(\.host)
        result.webrtcICEServers2 = goal.settings.webrtcICEServers.filter(\.isUsable).map(ICEServer.init)
        addTLS(to: &result, ports: ports, host: host)
        var readers = goal.transmissions.reduce(into: [String: ReadCredentials?]()) { readers, transmission in
            readers.merge(transmission.readers) { first, _ in first }
        }
        // MediaMTX has one path for all its viewers.
        let h264Paths = engine == .mediamtx ? [:] : goal.h264Paths
        for (path, h264) in h264Paths { readers[h264] = readers[path] }
        result.authInternalUsers = users(readers) + goal.inputs.flatMap { $0.users(publishSecret: publishSecret) }
        // A program that lost its connection and comes again takes over from itself: `overridePublisher` is the default.
        for input in goal.inputs {
            var settings = PathConfiguration()
            settings.srtPublishPassphrase = goal.settings.srt.passphrase
            result.paths[input.path] = settings
        }
        // MediaMTX packs all paths alike, and would close all of them to do it otherwise.
        let hasVariants = engine != .mediamtx
        let lowLatencyPaths = hasVariants ? Set(goal.transmissions.flatMap(\.lowLatencyPaths)) : []
        let fragmentedPaths = hasVariants ? Set(goal.transmissions.flatMap(\.fragmentedPaths)) : []
        let lowerPaths = hasVariants ? goal.lowerPaths : [:]
        for path in readers.keys {
            var settings = PathConfiguration()
            settings.webrtcLowerPath = lowerPaths[path]
            settings.runOnDemand = demandHook
            settings.runOnDemandCloseAfter = Self.hookCloseAfter
            if lowLatencyPaths.contains(path) {
                settings.hlsVariant = .lowLatency
            } else if fragmentedPaths.contains(path) {
                settings.hlsVariant = .fmp4
            }
            result.paths[path] = settings
        }
        if result.paths[EngineStatus.testPath] == nil { result.paths[EngineStatus.testPath] = PathConfiguration() }
        return result
    }

    private func addMulticast(
        to result: inout EngineConfiguration, _ settings: MulticastSettings, engine: EngineKind
    ) {
        result.rtspTransports.append(.multicast)
        // A group alone as a network too: MediaMTX reads nothing else, and would not start.
        result.multicastIPRange = MulticastRange(settings.range)?.description ?? settings.range
        (result.multicastRTPPort, result.multicastRTCPPort) = (settings.port, settings.port + 1)
        // MediaMTX has no such keys.
        guard engine != .mediamtx else { return }
        result.multicastTTL = settings.ttl
        result.multicastInterface = settings.interface
        result.multicastSourceSpecific = settings.sourceSpecific
        result.multicastAnnounce = settings.announce
    }

    private func addSRT(
        to result: inout EngineConfiguration, _ goal: EngineGoal, port: Int, host: String, engine: EngineKind
    ) {
        result.srt = !goal.inputs.isEmpty
        result.srtAddress = "\(host):\(port)"
        // MediaMTX has no such key, and what is not used is no reason to restart an engine.
        guard result.srt, engine != .mediamtx else { return }
        result.srtLatency = .milliseconds(goal.settings.srt.latencyMilliseconds)
    }

    /// Web players get TLS alone, since a page that came by it may load nothing else. RTSP players may choose: few of them
    /// speak TLS, and none trusts a self-signed certificate.
    private func addTLS(to result: inout EngineConfiguration, ports: PortAssignment, host: String) {
        guard let certificate, let secure = ports.secure else { return }
        result.rtspEncryption = .optional
        result.rtspsAddress = "\(host):\(secure.rtsps)"
        result.srtpAddress = "\(host):\(secure.srtp)"
        result.srtcpAddress = "\(host):\(secure.srtp + 1)"
        (result.hlsEncryption, result.webrtcEncryption) = (true, true)
        (result.rtspServerCert, result.rtspServerKey) = (certificate.certificate, certificate.key)
        (result.hlsServerCert, result.hlsServerKey) = (certificate.certificate, certificate.key)
        (result.webrtcServerCert, result.webrtcServerKey) = (certificate.certificate, certificate.key)
    }

    /// Where WebRTC viewers find the engine beside this machine's interfaces: where somebody says, else where Supervisor says.
    func webRTCHosts(_ settings: EngineSettings, found addresses: [String]) -> [WebRTCHost] {
        let named =
            settings.webrtcAdditionalHosts.map { WebRTCHost(host: $0, source: .settings) }
            + webRTC.additionalHosts.map { WebRTCHost(host: $0, source: .environment) }
        let found = addresses.map { WebRTCHost(host: $0, source: .supervisor) }
        return (named.isEmpty ? found : named).unique()
    }

    /// Whether a browser may find WebRTC's media at the address that it uses for our pages: nobody says better, and other
    /// machines reach the engine.
    func offersPageAddress(_ settings: EngineSettings, found addresses: [String]) -> Bool {
        settings.exposeToLAN && webRTCHosts(settings, found: addresses).isEmpty
    }

    private func users(_ readers: [String: ReadCredentials?]) -> [AuthInternalUser] {
        let paths = readers.sorted { $0.key < $1.key }
        var open: [AuthPermission] = []
        var closed: [ReadCredentials: [AuthPermission]] = [:]
        for (path, credentials) in paths {
            let permissions = [
                AuthPermission(action: .read, path: path), AuthPermission(action: .playback, path: path),
            ]
            if let credentials { closed[credentials, default: []] += permissions } else { open += permissions }
        }
        var result = [
            AuthInternalUser(
                user: apiUser, pass: apiPassword.exposed, ips: AuthInternalUser.loopback,
                permissions: [AuthPermission(action: .api)]),
            AuthInternalUser(
                user: HashedCredential.sha256(reader.user), pass: HashedCredential.sha256(reader.password.exposed),
                ips: AuthInternalUser.loopback, permissions: [AuthPermission(action: .read)]),
        ]
        for path in Set(readers.keys).union([EngineStatus.testPath]).sorted() {
            let credentials = PublishCredentials(path: path, secret: publishSecret)
            result.append(
                AuthInternalUser(
                    user: credentials.username, pass: credentials.password, ips: AuthInternalUser.loopback,
                    permissions: [AuthPermission(action: .publish, path: path)]))
        }
        if !readers.keys.contains(EngineStatus.testPath) {
            open.append(AuthPermission(action: .read, path: EngineStatus.testPath))
        }
        result.append(AuthInternalUser(user: AuthInternalUser.anyone, permissions: open))
        // Hashed, because MediaMTX refuses the whole file for a plain password with a character that it does not know.
        result += closed.sorted { $0.key.username < $1.key.username }.map { credentials, permissions in
            AuthInternalUser(
                user: HashedCredential.sha256(credentials.username),
                pass: HashedCredential.sha256(credentials.password.exposed), permissions: permissions)
        }
        return result
    }

    /// The command of a path.
    static func demandHook(executable: String, socket: String) -> String {
        DemandHook(executable: executable, socket: socket).command
    }
}

extension ICEServer {
    fileprivate init(_ server: WebRTCICEServer) {
        self.init(url: server.normalizedURL)
        username = server.username ?? ""
        password = server.password?.exposed ?? ""
    }
}

import StreamModel

/// What of a port is asked for.
enum PortKind: Hashable, Sendable { case tcp, udp }

/// The ports that an engine was given, and what the user should know about them.
struct PortAssignment: Hashable, Sendable {
    var ports: EnginePorts
    /// Even; RTCP is the next one.
    var rtp: Int
    /// WebRTC's media, by UDP and by TCP; nil when it is not ours to choose.
    var webRTCMedia: Int?
    /// Nil without TLS.
    var secure: Secure?
    var warnings: [CodedMessage]

    /// The ports of RTSP by TLS.
    struct Secure: Hashable, Sendable {
        var rtsps: Int
        /// Even; SRTCP is the next one.
        var srtp: Int
    }
}

/// Chooses the engine's ports (contract B.5): the preferred one, else the next free one, else any.
struct PortAllocator: Sendable {
    /// Whether a port can be bound now.
    var isFree: @Sendable (Int, PortKind) -> Bool
    /// A port that the system chooses.
    var systemAssigned: @Sendable () -> Int?
    /// The engine has what was chosen for it, or will not take it.
    var release: @Sendable () -> Void = {}

    static let preferredRTP = 50000
    /// MediaMTX's defaults.
    static let preferredWebRTCMedia = 8189
    static let preferredRTSPS = 8322
    static let preferredSRTP = 8004

    /// - Parameters:
    ///   - kept: what the engine had before with the same bind host; its ports are taken again while they are free, so that
    ///     addresses that people have copied stay right.
    ///   - choosesWebRTCMedia: whether the port of WebRTC's media is ours to choose.
    ///   - usesTLS: whether it serves RTSP by TLS.
    ///   - usesInputs: whether programs may send to it; else the ports for that are the preferred ones, whoever has them.
    func assign(
        preferred: PreferredPorts, kept: PortAssignment? = nil, choosesWebRTCMedia: Bool = false,
        usesTLS: Bool = false, usesInputs: Bool = false
    ) throws(PortError) -> PortAssignment {
        var taken: Set<Int> = []
        var warnings: [CodedMessage] = []
        func moved(_ name: String, _ preferred: Int, _ used: Int) {
            warnings.append(
                CodedMessage(
                    "port_moved", "\(name) port \(preferred) unavailable; using \(used).",
                    ["name": .string(name), "asked_port": .integer(preferred), "port": .integer(used)]))
        }
        func choose(_ name: String, _ preferred: Int, _ kept: Int?) throws(PortError) -> Int {
            let port = try tcpPort(preferred: preferred, kept: kept, taken: taken)
            taken.insert(port)
            if port != preferred { moved(name, preferred, port) }
            return port
        }
        var ports = EnginePorts(
            rtsp: try choose("RTSP", preferred.rtsp, kept?.ports.rtsp),
            hls: try choose("HLS", preferred.hls, kept?.ports.hls),
            webrtc: try choose("WebRTC", preferred.webrtc, kept?.ports.webrtc),
            rtmp: usesInputs ? try choose("RTMP", preferred.rtmp, kept?.ports.rtmp) : preferred.rtmp,
            srt: preferred.srt, api: try choose("API", preferred.api, kept?.ports.api))
        let rtp = try datagramPair(preferred: Self.preferredRTP, kept: kept?.rtp)
        if rtp != Self.preferredRTP {
            let (asked, used) = ("\(Self.preferredRTP)/\(Self.preferredRTP + 1)", "\(rtp)/\(rtp + 1)")
            warnings.append(
                CodedMessage(
                    "ports_moved", "RTP/RTCP port pair \(asked) unavailable; using \(used).",
                    ["asked": .string(asked), "used": .string(used)]))
        }
        var webRTCMedia: Int?
        if choosesWebRTCMedia {
            // One number for both, as people forward and map it.
            let port = try freePort(
                preferred: Self.preferredWebRTCMedia, kept: kept?.webRTCMedia, taken: taken.union([rtp, rtp + 1]),
                kinds: [.udp, .tcp], named: "UDP and TCP")
            taken.insert(port)
            webRTCMedia = port
            if port != Self.preferredWebRTCMedia {
                moved("WebRTC media", Self.preferredWebRTCMedia, port)
            }
        }
        if usesInputs {
            let others = [rtp, rtp + 1] + [webRTCMedia].compactMap(\.self)
            ports.srt = try freePort(
                preferred: preferred.srt, kept: kept?.ports.srt, taken: Set(others), kinds: [.udp], named: "UDP")
            if ports.srt != preferred.srt { moved("SRT", preferred.srt, ports.srt) }
        }
        var secure: PortAssignment.Secure?
        if usesTLS {
            secure = PortAssignment.Secure(
                rtsps: try choose("RTSPS", Self.preferredRTSPS, kept?.secure?.rtsps),
                srtp: try datagramPair(
                    preferred: Self.preferredSRTP, kept: kept?.secure?.srtp,
                    taken: [rtp, webRTCMedia, webRTCMedia.map { $0 - 1 }, ports.srt, ports.srt - 1]))
        }
        return PortAssignment(ports: ports, rtp: rtp, webRTCMedia: webRTCMedia, secure: secure, warnings: warnings)
    }

    /// A port that is free for all of the kinds, which are called `name` together.
    private func freePort(
        preferred: Int, kept: Int?, taken: Set<Int>, kinds: [PortKind], named name: String
    ) throws(PortError) -> Int {
        func usable(_ port: Int) -> Bool { !taken.contains(port) && kinds.allSatisfy { isFree(port, $0) } }
        if let kept, usable(kept) { return kept }
        if let found = (preferred...min(preferred + 299, 65535)).first(where: usable) { return found }
        if let found = (10000...65000).first(where: usable) { return found }
        throw .none(near: preferred, of: name)
    }

    private func tcpPort(preferred: Int, kept: Int?, taken: Set<Int>) throws(PortError) -> Int {
        func usable(_ port: Int) -> Bool { !taken.contains(port) && isFree(port, .tcp) }
        if let kept, usable(kept) { return kept }
        if usable(preferred) { return preferred }
        let next = max(1024, preferred + 1)
        let last = min(preferred + 299, 65535)
        if next <= last, let found = (next...last).first(where: usable) { return found }
        // The system may name one that was just chosen for another protocol, so it is asked more than once.
        for _ in 0..<8 {
            if let port = systemAssigned(), !taken.contains(port) { return port }
        }
        throw .none(near: preferred, of: "TCP")
    }

    /// An even port and the next one, for RTP and RTCP (RFC 3550 §11).
    ///
    /// - Parameter taken: ports that no pair may begin with.
    private func datagramPair(preferred: Int, kept: Int?, taken: Set<Int?> = []) throws(PortError) -> Int {
        func usable(_ port: Int) -> Bool { !taken.contains(port) && isFree(port, .udp) && isFree(port + 1, .udp) }
        if let kept, usable(kept) { return kept }
        let near = stride(from: preferred, through: preferred + 2000, by: 2)
        let anywhere = stride(from: 10000, to: 65000, by: 2)
        if let found = near.first(where: usable) ?? anywhere.first(where: usable) { return found }
        throw .noPair
    }
}

/// No port is free.
enum PortError: Error, CustomStringConvertible {
    case none(near: Int, of: String)
    /// For RTP and RTCP.
    case noPair

    var description: String { message.text }

    var message: CodedMessage {
        switch self {
        case .none(let port, let transport):
            CodedMessage(
                "no_free_port", "No free \(transport) port was found near \(port).",
                ["transport": .string(transport), "port": .integer(port)])
        case .noPair:
            CodedMessage("no_free_ports", "No free pair of UDP ports was found for RTP and RTCP.")
        }
    }
}

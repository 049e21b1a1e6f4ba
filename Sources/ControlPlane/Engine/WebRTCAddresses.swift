import StreamModel

/// Where the engine's WebRTC media goes, as whoever runs the server says beyond the settings
/// (`TOPOSYNC_STREAMING_WEBRTC_…`, contract B.6).
public struct WebRTCAddresses: Hashable, Sendable {
    /// Names and addresses beside those of the settings.
    public let additionalHosts: [String]
    /// `host:port` or `:port` for media over UDP; nil lets the server choose.
    public let localUDP: String?
    /// The same for media over TCP, for networks that let no UDP through; nil is the number that the server chooses for UDP, if it does.
    public let localTCP: String?

    /// Nothing but what the settings say.
    public init() {
        additionalHosts = []
        localUDP = nil
        localTCP = nil
    }

    /// - Parameters:
    ///   - additionalHosts: `TOPOSYNC_STREAMING_WEBRTC_ADDITIONAL_HOSTS`, with commas or semicolons between hosts.
    ///   - localUDP: `TOPOSYNC_STREAMING_WEBRTC_LOCAL_UDP_ADDRESS`
    ///   - localTCP: `TOPOSYNC_STREAMING_WEBRTC_LOCAL_TCP_ADDRESS`
    /// - Throws: ``StartupError`` for what the engine would refuse.
    public init(additionalHosts: String?, localUDP: String?, localTCP: String?) throws(StartupError) {
        let hosts = additionalHosts.map(MediaHost.list) ?? []
        if let problem = hosts.compactMap(MediaHost.problem(with:)).first {
            throw StartupError("TOPOSYNC_STREAMING_WEBRTC_ADDITIONAL_HOSTS: \(problem.text)")
        }
        self.additionalHosts = hosts
        self.localUDP = try Self.address(localUDP, "TOPOSYNC_STREAMING_WEBRTC_LOCAL_UDP_ADDRESS")
        self.localTCP = try Self.address(localTCP, "TOPOSYNC_STREAMING_WEBRTC_LOCAL_TCP_ADDRESS")
    }

    private static func address(_ text: String?, _ name: String) throws(StartupError) -> String? {
        guard let text else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let host = text.dropLast((parts.last?.count ?? 0) + 1)
        let isHost =
            host.isEmpty || (host.hasPrefix("[") && host.hasSuffix("]"))
            || (parts.count == 2 && MediaHost.problem(with: String(host)) == nil)
        guard parts.count > 1, isHost, let port = parts.last.flatMap({ Int($0) }), (0...65535).contains(port) else {
            throw StartupError("\(name) has to be an address such as :8189 or 192.168.1.10:8189, not '\(text)'.")
        }
        return text
    }
}

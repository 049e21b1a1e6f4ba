import StreamModel

/// A name or an address under which WebRTC viewers look for the engine's media.
public struct WebRTCHost: Hashable, Sendable {
    /// Where it comes from.
    public enum Source: String, CaseIterable, Hashable, Sendable {
        /// `webrtc_additional_hosts`
        case settings
        /// `TOPOSYNC_STREAMING_WEBRTC_ADDITIONAL_HOSTS`, or the add-on's `webrtc_hosts`.
        case environment
        /// Home Assistant's Supervisor, which knows the host of an add-on.
        case supervisor
        /// An interface of this machine, or of the container that the server runs in.
        case interface
    }

    public var host: String
    public var source: Source

    public var json: JSONValue { ["host": .string(host), "source": .string(source.rawValue)] }
}

extension [WebRTCHost] {
    /// Each host once, as it came first.
    func unique() -> [WebRTCHost] {
        var seen: Set<String> = []
        return filter { seen.insert($0.host.lowercased()).inserted }
    }
}

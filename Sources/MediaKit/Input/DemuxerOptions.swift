public import StreamModel

/// How a source is opened and read.
public struct DemuxerOptions: Sendable {
    /// How RTP travels from an RTSP camera.
    public enum Transport: String, Sendable, CaseIterable {
        case tcp
        case udp
        /// TCP, then UDP when the camera refuses TCP.
        case auto
    }

    /// The account of the source; wins over the one inside the URL.
    public struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        public let username: String
        public let password: String

        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }

        public var description: String { Secret.mask }
        public var debugDescription: String { description }
        public var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    public var transport: Transport
    /// The longest that opening may take, probing for codec parameters included.
    public var openTimeout: Duration
    /// The longest that one read may take.
    public var readTimeout: Duration
    /// Start a file again at its end, with timestamps that continue. Ignored for live sources.
    public var loop: Bool
    /// Deliver files and playlists at the speed of their timestamps. Ignored for sources that are live by themselves.
    public var realTime: Bool
    /// Which of several tracks of sound is handed out, counted from 1; nil for the first that can be decoded.
    public var soundTrack: Int?
    public var credentials: Credentials?
    /// What stands before the entity of a camera of Home Assistant where it is read, by HTTP on this machine; nil where there
    /// is no Home Assistant.
    public var homeAssistant: Secret?

    public init(
        transport: Transport = .auto,
        openTimeout: Duration = .seconds(10),
        readTimeout: Duration = .seconds(10),
        loop: Bool = false,
        realTime: Bool = true,
        soundTrack: Int? = nil,
        credentials: Credentials? = nil
    ) {
        self.transport = transport
        self.openTimeout = openTimeout
        self.readTimeout = readTimeout
        self.loop = loop
        self.realTime = realTime
        self.soundTrack = soundTrack
        self.credentials = credentials
    }
}

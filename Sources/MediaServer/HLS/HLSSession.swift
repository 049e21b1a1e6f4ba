import ConnectionLimits
import StreamModel
import StreamProtocols

/// One viewer of one path: HLS has no connection, so a viewer is known by the session that its URIs carry, or else by
/// what its requests have in common.
struct HLSSession: Sendable {
    /// What finds a session again. A client at another address that knows the identifier does not find it.
    struct Key: Hashable, Sendable {
        var path: String
        var address: IPAddress?
        var mark: Mark
    }

    enum Mark: Hashable, Sendable {
        /// `?session=` in the request.
        case identifier(String)
        /// None: two of the same program at the same address and with the same user are taken for one.
        case client(userAgent: String, user: String?)
        /// It gets the stream by a connection, and no segments. Viewers may have one name in common: a player that begins anew has,
        /// before its former connection is known to be gone.
        case connection(String)
    }

    let id: String
    let key: Key
    /// Whose session it is; nil when it is not counted.
    var client: ClientNetwork?
    /// Where its first request came from, as `address:port`.
    let remoteAddress: String
    let created: ProgramDateTime
    /// The identifier is ours and hard to guess: whoever sends it from the same address has shown credentials before.
    /// One that the viewer chose itself proves nothing. Who has a connection has shown them as well, until they may have changed.
    var provesAccess: Bool
    var lastSeen: Duration
    /// Whether it has asked for the media playlist; before that it may only look what is there.
    var isPlaying = false
    /// The control API ended it; it stays for a while so that the same viewer notices.
    var isKicked = false
    var bytesSent = 0

    /// It lasts as long as its connection, however long nothing is sent.
    var isConnected: Bool { if case .connection = key.mark { true } else { false } }

    static let maximumIDLength = 64

    /// Letters, digits and `-`, at most 64: a UUID, or a name that a program gave its viewer.
    static func isValidID(_ text: some StringProtocol) -> Bool {
        (1...maximumIDLength).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
            }
    }
}

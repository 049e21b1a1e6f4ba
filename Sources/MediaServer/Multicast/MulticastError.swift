/// Why a stream does not go by multicast to a viewer who asks for it, as he is told.
enum MulticastError: Error, Equatable, CustomStringConvertible {
    case notOffered
    /// The session is one by TLS.
    case secure
    /// Not everybody may read the path.
    case closedPath(String)
    /// All groups of the range are taken, or as many as there may be at once.
    case noGroup
    /// No packet could be sent. The reason is for the log.
    case noWay(reason: String)

    var description: String {
        switch self {
        case .notOffered: "Nothing is sent by multicast here; choose another transport."
        case .secure: "Nothing is sent by multicast to sessions by TLS, because everybody on the network could read it."
        case .closedPath(let path):
            "Path '\(path)' is not sent by multicast: everybody on the network could read it, and not everybody may."
        case .noGroup: "No multicast group is left; choose another transport."
        case .noWay: "Multicast is not possible now, and the engine's log says why; choose another transport."
        }
    }

    /// The same for the log, of a stream that nobody has asked for.
    var reason: String {
        switch self {
        case .noWay(let reason): reason
        case .noGroup: "no multicast group is left"
        case .notOffered, .secure, .closedPath: description
        }
    }
}

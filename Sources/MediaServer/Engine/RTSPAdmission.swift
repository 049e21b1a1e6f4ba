import ConnectionLimits
import Logging

/// Which RTSP connections are taken: enough for any site, and a bound for a client that only wants to use them up.
///
/// Publishers have a reserved place: connections of this machine, where ours run, are counted apart from all others, and
/// viewers never take the last ones.
final class RTSPAdmission {
    /// Connections at once, from other machines and from this one.
    static let limit = 4096
    /// Of them from one client.
    static let limitPerClient = 1024
    /// Connections that have not shown yet what they may do, from other machines.
    static let sessionlessLimit = 2048
    static let sessionlessLimitPerClient = 256
    /// Viewers at once: what is left of ``limit`` is for publishers.
    static let viewerLimit = 3840

    private let remote: ConnectionCounter
    private let local: ConnectionCounter
    private let sessionless: ConnectionCounter

    init(logger: Logger) {
        remote = ConnectionCounter("RTSP", total: Self.limit, perNetwork: Self.limitPerClient, logger: logger)
        local = ConnectionCounter(
            "RTSP from this machine", total: Self.limit, perNetwork: Self.limit, logger: logger)
        sessionless = ConnectionCounter(
            "RTSP without a session", total: Self.sessionlessLimit, perNetwork: Self.sessionlessLimitPerClient,
            logger: logger)
    }

    /// Takes a connection, which has no session yet.
    ///
    /// - Returns: whether there is room; only then ``leave(_:hasSession:)`` has to be called at its end.
    func enter(_ client: ClientNetwork?) -> Bool {
        guard client?.isLoopback != true else { return local.enter(client) }
        guard remote.enter(client) else { return false }
        if sessionless.enter(client) { return true }
        remote.leave(client)
        return false
    }

    func leave(_ client: ClientNetwork?, hasSession: Bool) {
        guard client?.isLoopback != true else { return local.leave(client) }
        remote.leave(client)
        if !hasSession { sessionless.leave(client) }
    }

    /// A connection has been let in.
    func sessionBegan(_ client: ClientNetwork?) {
        if client?.isLoopback != true { sessionless.leave(client) }
    }

    /// - Returns: whether the connection may stay without a session; else it counts as one that has left with it.
    func sessionEnded(_ client: ClientNetwork?) -> Bool {
        client?.isLoopback == true || sessionless.enter(client)
    }
}

import ConnectionLimits
import StreamModel
import Synchronization

/// Counts the offers of WebRTC that are passed on to an engine.
///
/// The engine has room for some hundreds of whom it does not know yet whether they are there, and all who come through this server
/// are one address to it. So it is here that none of them takes the room of the others.
final class WebRTCOffers: Sendable {
    /// So long an engine waits for who has sent an offer.
    static let interval: Duration = .seconds(10)
    /// In any interval. With the one before it is less than an engine has room for.
    static let limit = 192
    /// The same of one address: a page has sixteen tiles. This machine may be a proxy in front of everybody.
    static let limitPerClient = 64

    private struct State {
        var interval: Duration?
        var count = 0
        var byClient: [ClientNetwork: Int] = [:]
    }

    private let state = Mutex(State())

    /// Counts one.
    ///
    /// - Parameters:
    ///   - client: whose it is; nil when that is not known.
    ///   - now: since some moment.
    func enter(_ client: ClientNetwork?, at now: Duration) throws(ControlPlaneError) {
        let hasRoom = state.withLock { state in
            if state.interval.map({ now - $0 >= Self.interval }) ?? true { state = State(interval: now) }
            let count = client.flatMap { state.byClient[$0] } ?? 0
            guard state.count < Self.limit, count < Self.limitPerClient || client?.isLoopback != false else {
                return false
            }
            state.count += 1
            if let client { state.byClient[client] = count + 1 }
            return true
        }
        guard hasRoom else { throw .tooManyRequests(retryAfterSeconds: 10) }
    }
}

import Logging
import Synchronization

/// Counts the connections of a listener, so that no client takes them all, and all clients together no more than we can
/// serve.
public final class ConnectionCounter: Sendable {
    private struct State {
        var total = 0
        var byNetwork: [ClientNetwork: Int] = [:]
        var lastComplaint: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let total: Int
    private let perNetwork: Int
    private let name: String
    private let logger: Logger

    /// Refusals are told at most so often: who is refused may try again thousands of times a second.
    private static let complaintInterval: Duration = .seconds(60)

    /// - Parameters:
    ///   - name: names the listener in the log, such as "the web server".
    ///   - total: connections in all.
    ///   - perNetwork: connections of one address or IPv6 /64; this machine itself is only bound by `total`.
    public init(_ name: String, total: Int, perNetwork: Int, logger: Logger) {
        self.name = name
        self.total = total
        self.perNetwork = perNetwork
        self.logger = logger
    }

    /// Takes one more connection.
    ///
    /// - Parameter client: nil for a Unix domain socket, and for a proxy that many clients are behind.
    /// - Returns: whether there is room; only then ``leave(_:)`` has to be called at its end.
    public func enter(_ client: ClientNetwork?) -> Bool {
        let refusal: String? = state.withLock { state in
            let count = client.flatMap { state.byNetwork[$0] } ?? 0
            if state.total < total, count < perNetwork || client?.isLoopback != false {
                state.total += 1
                if let client { state.byNetwork[client] = count + 1 }
                return nil
            }
            let now = ContinuousClock.now
            if let last = state.lastComplaint, last.duration(to: now) < Self.complaintInterval { return "" }
            state.lastComplaint = now
            return state.total < total
                ? "One address has \(count) connections to \(name) already; more of it are refused."
                : "There are \(state.total) connections to \(name) already; more are refused."
        }
        guard let refusal else { return true }
        if !refusal.isEmpty { logger.warning("\(refusal)") }
        return false
    }

    /// A connection that ``enter(_:)`` took has ended.
    public func leave(_ client: ClientNetwork?) {
        state.withLock { state in
            state.total -= 1
            guard let client, let count = state.byNetwork[client] else { return }
            state.byNetwork[client] = count > 1 ? count - 1 : nil
        }
    }

    /// Connections that are open now.
    public var count: Int { state.withLock(\.total) }
}

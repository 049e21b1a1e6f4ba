import Logging
import NIOCore
import StreamModel
import Synchronization

/// The peers that a restricted listener accepts.
public final class AllowedPeers: Sendable {
    private let networks: [IPNetwork]
    private let name: String
    private let logger: Logger
    private let lastComplaint = Mutex<ContinuousClock.Instant?>(nil)

    /// Refusals are told at most so often.
    private static let complaintInterval: Duration = .seconds(60)

    /// - Parameter name: names the listener in the log, such as "the ingress port".
    public init(_ networks: [IPNetwork], name: String, logger: Logger) {
        self.networks = networks
        self.name = name
        self.logger = logger
    }

    /// Whether a connection from an address is taken. A refusal is logged.
    func allow(_ address: SocketAddress?) -> Bool {
        let peer = IPAddress(address)
        if let peer, networks.contains(where: { $0.contains(peer) }) { return true }
        let now = ContinuousClock.now
        let isToBeTold = lastComplaint.withLock { last in
            if let last, last.duration(to: now) < Self.complaintInterval { return false }
            last = now
            return true
        }
        if isToBeTold {
            let allowed = networks.map(\.description).joined(separator: ", ")
            logger.warning(
                "\(peer?.description ?? "A client") was refused at \(name), which accepts only \(allowed).")
        }
        return false
    }
}

/// Closes connections from any other peer before anything is read from them.
public final class PeerFilter: ChannelInboundHandler, RemovableChannelHandler {
    public typealias InboundIn = NIOAny

    private let allowed: AllowedPeers

    /// - Parameter allowed: of the listener, shared by its connections.
    public init(_ allowed: AllowedPeers) { self.allowed = allowed }

    public func channelActive(context: ChannelHandlerContext) {
        if allowed.allow(context.channel.remoteAddress) {
            context.fireChannelActive()
        } else {
            context.close(promise: nil)
        }
    }
}

import ConnectionLimits
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// HTTP/2 and HTTP/1.1 by TLS, whichever the client prefers (RFC 9113 §3.2).
///
/// Hummingbird has the same with one certificate for as long as the server runs, and with no bound for a client that begins
/// a handshake and leaves it at that.
public struct SecureHTTPChannel: ServerChildChannel {
    /// What ALPN calls the protocols, the best first.
    public static let protocols = ["h2", "http/1.1"]

    /// A connection whose protocol is found out in the handshake.
    public struct Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<Negotiated>
        public let channel: any Channel
    }

    enum Negotiated: Sendable {
        case http1(HTTP1Channel.Value)
        case http2(HTTP2Channel.Value)
    }

    private let certificate: ServerCertificate
    private let connections: ConnectionCounter
    private let proxies: [IPNetwork]
    private let http1: HTTP1Channel
    private let http2: HTTP2Channel

    /// - Parameters:
    ///   - connections: counts the connections of the listener.
    ///   - proxies: see ``HTTPConnectionLimits/init(counter:proxies:timeouts:)``.
    ///   - configuration: of HTTP/1.1 connections and of HTTP/2 streams.
    public init(
        certificate: ServerCertificate, connections: ConnectionCounter, proxies: [IPNetwork] = [],
        configuration: HTTP1Channel.Configuration, responder: @escaping HTTPChannelHandler.Responder
    ) {
        self.certificate = certificate
        self.connections = connections
        self.proxies = proxies
        http1 = HTTP1Channel(responder: responder, configuration: configuration)
        http2 = HTTP2Channel(
            responder: responder,
            configuration: HTTP2Channel.Configuration(
                idleTimeout: .seconds(60), gracefulCloseTimeout: .seconds(2), streamConfiguration: configuration))
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        certificate.context(on: channel.eventLoop).flatMapThrowing { context in
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Negotiated> { result, channel in
                switch result {
                case .negotiated("h2"): http2.setup(channel: channel, logger: logger).map { .http2($0) }
                case .negotiated, .fallback: http1.setup(channel: channel, logger: logger).map { .http1($0) }
                }
            }
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLServerHandler(context: context))
            try pipeline.addHandler(HandshakeLimits(counter: connections, proxies: proxies))
            try pipeline.addHandler(negotiation)
            return Value(negotiated: negotiation.protocolNegotiationResult, channel: channel)
        }
    }

    public func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            do {
                switch try await value.negotiated.get() {
                case .http1(let connection): await http1.handle(value: connection, logger: logger)
                case .http2(let connection): await http2.handle(value: connection, logger: logger)
                }
            } catch {
                // Scanners, and browsers that don't trust a certificate, break off all the time.
                logger.debug("A TLS handshake failed: \(error)")
            }
        } onCancel: {
            // Hummingbird closes the input alone, which TLS can't.
            value.channel.close(promise: nil)
        }
    }
}

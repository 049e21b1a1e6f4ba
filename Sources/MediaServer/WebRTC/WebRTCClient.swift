import ConnectionLimits
import EngineContract
import StreamModel
import StreamProtocols

/// Who has a session of WebRTC.
struct WebRTCClient {
    /// As the control API names the session.
    var id: String
    /// As the client names it: whoever knows it may end it.
    var secret: String
    /// What was allowed, asked anew when the users change.
    var access: AccessRequest
    var network: ClientNetwork?
    var query: String
    /// Of its ICE.
    var usernameFragment: String
}

/// A session of WebRTC: of a viewer, or of a publisher. Confined to the engine's event loop.
protocol WebRTCMember: AnyObject {
    var client: WebRTCClient { get }
    /// When it began, in the wall clock's text.
    var created: String { get }
    /// Names what was agreed on (RFC 9725 §4.3.1); nothing of it changes.
    var entityTag: String { get }
    /// The first of the addresses that the client was told.
    var localHost: IPAddress? { get }
    var transport: WebRTCTransport { get }
    /// What a viewer is sent; nil of a publisher.
    var viewerSender: WebRTCSender? { get }
    /// As MediaMTX lists it, with what it does not tell.
    ///
    /// - Parameter figures: those of ``viewerSender``.
    func snapshot(_ figures: WebRTCSender.Figures) -> ControlAPI.WebRTCSession
    /// The users have changed.
    func accessChanged()
    /// Ends the session; nothing of it remains.
    func end(because reason: String)
}

extension WebRTCMember {
    var id: String { client.id }

    /// That which was asked for.
    var pathName: String { client.access.path }

    var isConnected: Bool { transport.isConnected }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "webRTCSession", id: id) }

    /// Where media goes or comes from, once the client is known to be there.
    var remoteAddress: TransportAddress? { transport.remoteAddress }

    /// The pair of candidates as MediaMTX writes them; empty before there is one.
    var candidates: (local: String, remote: String) {
        func text(_ address: IPAddress?, _ port: Int?) -> String {
            guard let route = transport.route, let address, let port else { return "" }
            return "host/\(route.name)/\(address)/\(port)"
        }
        return (
            text(localHost, transport.route?.localPort),
            text(remoteAddress?.address, remoteAddress.map { Int($0.port) })
        )
    }

    static func makeEntityTag() -> String { "\"\(String(UInt64.random(in: .min ... .max), radix: 16))\"" }
}

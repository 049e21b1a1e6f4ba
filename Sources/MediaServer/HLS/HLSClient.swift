import ConnectionLimits
import StreamModel
import StreamProtocols

/// The client that sent a request.
struct HLSClient: Sendable {
    var address: IPAddress?
    /// As which it is counted; nil when it is not.
    var network: ClientNetwork?
    /// `address:port`, for listings.
    var remoteAddress: String
    var userAgent: String
    var credentials: AccessCredentials
    /// `?session=` of the request, when it is a valid identifier.
    var sessionID: String?

    /// What finds this client's session on a path.
    func sessionKey(path: String) -> HLSSession.Key {
        let mark: HLSSession.Mark =
            if let sessionID {
                .identifier(sessionID)
            } else if case .password(let user, _) = credentials {
                .client(userAgent: userAgent, user: user)
            } else {
                .client(userAgent: userAgent, user: nil)
            }
        return HLSSession.Key(path: path, address: address, mark: mark)
    }
}

import HTTPTypes

/// Refuses requests that a foreign web page makes a browser send to us.
///
/// A page can point its own name at our address (DNS rebinding) and then read our answers: so names that are not ours are
/// refused, while addresses are always fine. And a page can send us writes without reading the answer: so writes from
/// another origin are refused.
public struct RequestGuard: Sendable {
    /// Names that are ours beside `localhost`. Not everything under `.local` is (RFC 6762): any device of the network may
    /// call itself by such a name, and serve a page under it. Nil where every name is, because whoever passes requests on to
    /// us has names of its own.
    public var ownNames: Set<String>?
    /// Origins whose pages may do what our own may.
    public var allowedOrigins: Set<String>
    /// Where a user adds a name, for the refusal of one.
    public var setting: String

    public init(ownNames: Set<String>?, allowedOrigins: Set<String> = [], setting: String) {
        self.ownNames = ownNames
        self.allowedOrigins = allowedOrigins
        self.setting = setting
    }

    /// Why a request is refused; nil when it is not.
    ///
    /// - Parameter forwardedAuthority: what a trusted proxy says that the client called us. It is checked as `Host` is, and
    ///   not in its place: a proxy that knows nothing of the header passes on what a page has made up.
    public func refusal(
        of request: HTTPRequest, forwardedAuthority: String? = nil
    ) -> (status: HTTPResponse.Status, detail: String)? {
        let authorities = [request.authority] + (forwardedAuthority.map { [$0] } ?? [])
        for authority in authorities {
            guard let host = HostName(authority: authority) else {
                return (.badRequest, "The request names no valid host.")
            }
            guard isOurs(host) else {
                return (
                    .forbidden,
                    "This server does not answer to the name '\(host.name)'. Use its address, or add the name to "
                        + "\(setting)."
                )
            }
        }
        guard isRead(request) || isSameOrigin(request, authorities) else {
            return (.forbidden, "Another site's page may not change this server.")
        }
        return nil
    }

    private func isOurs(_ host: HostName) -> Bool {
        guard let ownNames else { return true }
        return host.isAddress || host.name == "localhost" || host.name.hasSuffix(".localhost")
            || ownNames.contains(host.name)
    }

    /// A page of another origin can't read what it is answered, but all that comes by a WebSocket (RFC 6455 §10.2).
    private func isRead(_ request: HTTPRequest) -> Bool {
        [.get, .head, .options].contains(request.method) && request.headerFields[.upgrade] == nil
    }

    /// Browsers send `Origin` with every write; programs that are no browsers need not.
    private func isSameOrigin(_ request: HTTPRequest, _ authorities: [String?]) -> Bool {
        let origin = request.headerFields[.origin]
        if let origin, allowedOrigins.contains(origin) { return true }
        switch request.headerFields[.fetchSite] {
        case "cross-site": return false
        // The browser's own word, which no page can change: it holds also where a proxy has left out the port of `Host`.
        case "same-origin": return true
        default: break
        }
        guard let origin else { return true }
        guard let schemeEnd = origin.firstRange(of: "://") else { return false }
        let authority = origin[schemeEnd.upperBound...].lowercased()
        return authorities.contains { $0?.lowercased() == authority }
    }
}

extension HTTPField.Name {
    /// What a browser says about where a request comes from (the Fetch Metadata standard).
    public static let fetchSite = HTTPField.Name("sec-fetch-site")!
}

import HTTPTypes
import WebSecurity

/// Where a request comes from and by what address it reached us: as the connection shows it, or as a trusted proxy says.
struct RequestOrigin: Hashable, Sendable {
    /// The client's address, without port; empty when there is none.
    var address = ""
    /// Whether the client came by TLS, to us or to the proxy.
    var isSecure = false
    /// The authority that a trusted proxy says the client asked for.
    var forwardedAuthority: String?

    /// The host that the client used for us, without port; it stands in the URLs that we answer.
    func host(of request: HTTPRequest) -> String? {
        HostName(authority: forwardedAuthority ?? request.authority)?.name
    }
}

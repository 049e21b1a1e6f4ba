import ConnectionLimits
import ControlPlane
import ServerTLS

/// Where and how the web server listens.
public struct WebServerConfiguration: Sendable {
    /// An address, such as `127.0.0.1` or `0.0.0.0`.
    public var host: String
    /// 0 picks a free one.
    public var port: Int
    /// Names under which browsers may reach us beside addresses and `localhost`.
    public var allowedHosts: Set<String>
    /// The machine's own.
    public var machineName: String
    /// Who is believed about where a request comes from.
    public var trustedProxies: TrustedProxies
    /// What the listener at ``port`` shows; nil is plain HTTP.
    public var certificate: ServerCertificate?
    /// Nil where Home Assistant's ingress is not served.
    public var ingress: IngressConfiguration?
    /// The version that the OpenAPI document shows.
    public var version: String

    public init(
        host: String, port: Int, allowedHosts: Set<String> = [], machineName: String,
        trustedProxies: TrustedProxies = .none, certificate: ServerCertificate? = nil,
        ingress: IngressConfiguration? = nil, version: String
    ) {
        self.host = host
        self.port = port
        self.allowedHosts = allowedHosts
        self.machineName = machineName
        self.trustedProxies = trustedProxies
        self.certificate = certificate
        self.ingress = ingress
        self.version = version
    }
}

/// The listener of Home Assistant's ingress, by which its users come without signing in to us.
public struct IngressConfiguration: Sendable {
    /// On every address: a container does not know the one that Supervisor connects to.
    static let host = "0.0.0.0"

    public var port: Int
    /// Whose connections are taken: those of Supervisor, which names the user in header fields.
    public var peer: IPNetwork
    /// What users may do.
    public var role: Role
    /// Those who may do everything whatever the role is: names or ids of Home Assistant's users, in lower case.
    public var administrators: Set<String>

    /// Supervisor's address in the network of add-ons.
    public static let supervisor = "172.30.32.2"

    public init(port: Int, peer: IPNetwork, role: Role = .admin, administrators: Set<String> = []) {
        self.port = port
        self.peer = peer
        self.role = role
        self.administrators = administrators
    }
}

import ControlPlane
import WebSecurity

/// A listener of the web server. All have the same routes; they differ in how the user of a request is identified.
enum Listener: Sendable {
    /// Browsers and programs, who sign in.
    case direct
    /// Home Assistant's ingress, which has signed its users in.
    case ingress(IngressConfiguration)
}

/// Why the web server can't listen.
public struct ListenFailure: Error {
    public let host: String
    public let port: Int
    /// Whether it is the listener of Home Assistant's ingress.
    public let isIngress: Bool
    public let cause: any Error
}

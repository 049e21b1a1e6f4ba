/// The files of a server's certificate, both in PEM.
public struct CertificateFiles: Hashable, Sendable {
    /// The path of the certificate and, behind it, of those that lead to its root.
    public var certificate: String
    /// The path of its private key.
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// Why a certificate can't be used. Each is a sentence that names the file.
public enum CertificateError: Error, Hashable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case tooLarge(path: String, limit: Int)
    case noCertificate(path: String)
    case noKey(path: String)
    case encryptedKey(path: String)
    case otherKey(certificate: String, key: String)
    case refused(certificate: String, reason: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "The file \(path) can't be read: \(reason)."
        case .tooLarge(let path, let limit): "The file \(path) has more than \(limit) bytes, which no certificate has."
        case .noCertificate(let path):
            "The file \(path) holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----."
        case .noKey(let path):
            "The file \(path) holds no private key in PEM, which begins with -----BEGIN PRIVATE KEY-----."
        case .encryptedKey(let path):
            "The private key in \(path) is encrypted. Save it without a password: openssl pkey -in KEY -out NEW."
        case .otherKey(let certificate, let key):
            "The private key in \(key) does not belong to the certificate in \(certificate)."
        case .refused(let certificate, let reason): "The certificate in \(certificate) can't be used: \(reason)."
        }
    }
}

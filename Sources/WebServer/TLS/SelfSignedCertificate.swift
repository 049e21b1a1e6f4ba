import ControlPlane
import Crypto
import Foundation
import StreamModel
import SwiftASN1
import X509

/// A self-signed certificate. It protects against eavesdropping; users who compare the fingerprint also know that they reached
/// this server.
public struct SelfSignedCertificate {
    /// Browsers and phones refuse what is valid for more than 825 days, also if users say that they trust it.
    private static let lifetime: TimeInterval = 820 * 86400
    /// A certificate that ends earlier is replaced at the next start.
    private static let renewBefore: TimeInterval = 30 * 86400
    private static let sizeLimit = 64 << 10

    /// The folder that its files are in.
    private let folder: String

    public init(folder: String) { self.folder = folder }

    var files: CertificateFiles {
        CertificateFiles(certificate: folder + "/self-signed.pem", key: folder + "/self-signed.key")
    }

    /// Finds the certificate of an earlier start, or makes one. Blocks.
    ///
    /// - Throws: ``StartupError`` when it can't be written.
    public func prepare(names: [String], now: Date = Date()) throws(StartupError) -> CertificateFiles {
        guard !isUsable(now: now) else { return files }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let (certificate, key) = try Self.make(names: names, now: now)
            // The key first: a certificate without one would be taken for whole at the next start.
            try PrivateFile.write(key.utf8, to: files.key)
            try PrivateFile.write(certificate.utf8, to: files.certificate)
            return files
        } catch {
            throw StartupError("The self-signed certificate can't be written to \(folder): \(error).")
        }
    }

    private func isUsable(now: Date) -> Bool {
        guard let bytes = try? PrivateFile.read(files.certificate, limit: Self.sizeLimit),
            let keyBytes = try? PrivateFile.read(files.key, limit: Self.sizeLimit),
            let certificate = try? Certificate(pemEncoded: String(decoding: bytes, as: UTF8.self)),
            let key = try? Certificate.PrivateKey(pemEncoded: String(decoding: keyBytes, as: UTF8.self))
        else { return false }
        return key.publicKey == certificate.publicKey
            && certificate.notValidAfter > now.addingTimeInterval(Self.renewBefore)
    }

    private static func make(names: [String], now: Date) throws -> (certificate: String, key: String) {
        let secret = P256.Signing.PrivateKey()
        let key = Certificate.PrivateKey(secret)
        let name = try DistinguishedName { CommonName(names.first ?? "Toposync Streaming") }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            // Clocks of clients may be behind ours.
            notValidBefore: now.addingTimeInterval(-86400), notValidAfter: now.addingTimeInterval(lifetime),
            issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(
                    (names + ["localhost"]).map { .dnsName($0) }
                        + loopback.map { .ipAddress(ASN1OctetString(contentBytes: $0)) })
            },
            issuerPrivateKey: key)
        return (try certificate.serializeAsPEM().pemString + "\n", secret.pemRepresentation + "\n")
    }

    /// 127.0.0.1 and ::1.
    private static let loopback: [ArraySlice<UInt8>] = [
        [127, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ]
}

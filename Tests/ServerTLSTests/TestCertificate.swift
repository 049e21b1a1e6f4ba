import Crypto
import Foundation
import StreamModel
import SwiftASN1
import X509

/// A certificate of a test and its key, in files of their own.
struct TestCertificate {
    let certificate: String
    let key: String

    init(name: String = "localhost", expires: TimeInterval = 86400) throws {
        let secret = P256.Signing.PrivateKey()
        let issuer = Certificate.PrivateKey(secret)
        let subject = try DistinguishedName { CommonName(name) }
        let now = Date()
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: issuer.publicKey,
            notValidBefore: now.addingTimeInterval(-2 * 86400), notValidAfter: now.addingTimeInterval(expires),
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {}, issuerPrivateKey: issuer
        ).serializeAsPEM().pemString
        key = secret.pemRepresentation
    }
}

/// A folder that is gone with the test.
final class TestFolder {
    private let url = FileManager.default.temporaryDirectory.appending(path: "server-tls-tests-\(UUID().uuidString)")
    let files: CertificateFiles

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        files = CertificateFiles(
            certificate: url.appending(path: "a.pem").path, key: url.appending(path: "a.key").path)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(certificate: String? = nil, key: String? = nil) throws {
        try certificate?.write(toFile: files.certificate, atomically: true, encoding: .utf8)
        try key?.write(toFile: files.key, atomically: true, encoding: .utf8)
    }
}

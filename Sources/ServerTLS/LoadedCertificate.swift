import Crypto
import Foundation
import NIOCore
import NIOSSL
import StreamModel

/// What a certificate's files held when they were read.
struct LoadedCertificate: Sendable {
    let context: NIOSSLContext
    let expires: Date
    /// The SHA-256 hash of the certificate, as browsers show it.
    let fingerprint: String
}

/// The bytes of a certificate's files.
struct CertificateBytes: Hashable, Sendable {
    /// A chain of certificates has a few kilobytes.
    static let sizeLimit = 1 << 20

    let certificate: [UInt8]
    let key: [UInt8]

    /// Reads the files. Blocks.
    init(_ files: CertificateFiles) throws(CertificateError) {
        certificate = try Self.read(files.certificate)
        key = try Self.read(files.key)
    }

    private static func read(_ path: String) throws(CertificateError) -> [UInt8] {
        let bytes: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            bytes = try file.read(upToCount: sizeLimit + 1) ?? Data()
        } catch {
            throw .unreadable(path: path, reason: reason(error))
        }
        guard bytes.count <= sizeLimit else { throw .tooLarge(path: path, limit: sizeLimit) }
        return Array(bytes)
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "it does not exist"
        case .fileReadNoPermission: "this user may not read it"
        default: "it is no ordinary file"
        }
    }

    /// What a server needs to use the certificate.
    ///
    /// - Parameter protocols: those of the connections (ALPN), the best first.
    func load(_ files: CertificateFiles, protocols: [String]) throws(CertificateError) -> LoadedCertificate {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificate), let first = chain.first,
            let der = try? first.toDERBytes()
        else { throw .noCertificate(path: files.certificate) }
        guard let key = try? NIOSSLPrivateKey(bytes: key, format: .pem) else {
            let isEncrypted = String(decoding: key, as: UTF8.self).contains("ENCRYPTED")
            throw isEncrypted ? .encryptedKey(path: files.key) : .noKey(path: files.key)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = protocols
        // Clients have no certificates here, so there is nothing to look up in the system's store.
        configuration.trustRoots = .certificates([])
        // An end needs no answer (RFC 8446 §6.1), and a client that keeps a connection without looking at it gives none: the
        // server's stop does not wait for it.
        configuration.shutdownTimeout = .milliseconds(200)
        do {
            return LoadedCertificate(
                context: try NIOSSLContext(configuration: configuration),
                expires: Date(timeIntervalSince1970: TimeInterval(first.notValidAfter)),
                fingerprint: SHA256.hash(data: der).map { [$0].hexadecimal.uppercased() }.joined(separator: ":"))
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw .otherKey(certificate: files.certificate, key: files.key)
        } catch {
            throw .refused(certificate: files.certificate, reason: "\(error)")
        }
    }
}

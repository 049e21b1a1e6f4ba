internal import COpenSSL
import SecureRTP

/// What all DTLS connections of the engine have in common: its certificate, which is made at start and lasts as long as the
/// process, and what is negotiated. Browsers take any certificate whose fingerprint the answer names (RFC 8827 §6.5).
@safe final class DTLSContext {
    /// Browsers all have the first one; the others are for clients whose certificate or cipher list is older.
    private static let ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA"

    /// An `SSL_CTX`.
    let pointer: OpaquePointer
    /// The certificate in DER, for the fingerprint in the answer.
    let certificate: [UInt8]

    init() throws(DTLSError) {
        let certificate = try DTLSCertificate()
        guard let context = unsafe SSL_CTX_new(DTLS_server_method()) else { throw .library("SSL_CTX_new") }
        unsafe pointer = context
        self.certificate = certificate.der
        unsafe toposync_dtls_configure(context)
        // Any certificate will do here: it is the fingerprint in the offer that it has to have.
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT) { _, _ in 1 }
        guard unsafe SSL_CTX_set_cipher_list(context, Self.ciphers) == 1,
            // 0 is success.
            unsafe SSL_CTX_set_tlsext_use_srtp(context, SRTPProfile.opensslNames) == 0,
            unsafe SSL_CTX_use_certificate(context, certificate.x509) == 1,
            unsafe SSL_CTX_use_PrivateKey(context, certificate.key) == 1
        else { throw .library("SSL_CTX") }
    }

    deinit { unsafe SSL_CTX_free(pointer) }
}

/// A key on P-256 and a certificate that it signs for itself.
@safe private final class DTLSCertificate {
    /// Browsers look at neither end; clocks that are wrong are not to matter.
    private static let day = 24 * 60 * 60

    /// An `EVP_PKEY`.
    let key: OpaquePointer
    /// An `X509`.
    let x509: OpaquePointer

    init() throws(DTLSError) {
        guard let key = unsafe toposync_make_p256_key() else { throw .library("EVP_PKEY_generate") }
        guard let x509 = unsafe X509_new() else {
            unsafe EVP_PKEY_free(key)
            throw .library("X509_new")
        }
        unsafe self.key = key
        unsafe self.x509 = x509
        // 2 stands for version 3.
        unsafe X509_set_version(x509, 2)
        unsafe ASN1_INTEGER_set_int64(X509_get_serialNumber(x509), Int64.random(in: 1...Int64.max))
        unsafe X509_gmtime_adj(X509_getm_notBefore(x509), -Self.day)
        unsafe X509_gmtime_adj(X509_getm_notAfter(x509), 10 * 365 * Self.day)
        unsafe X509_set_pubkey(x509, key)
        let name = unsafe X509_get_subject_name(x509)
        unsafe X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "toposync-streaming", -1, -1, 0)
        unsafe X509_set_issuer_name(x509, name)
        guard unsafe X509_sign(x509, key, EVP_sha256()) > 0 else { throw .library("X509_sign") }
    }

    var der: [UInt8] { unsafe DER.bytes(of: x509) }

    deinit {
        unsafe X509_free(x509)
        unsafe EVP_PKEY_free(key)
    }
}

/// Certificates as bytes.
enum DER {
    /// - Parameter certificate: an `X509`.
    static func bytes(of certificate: OpaquePointer) -> [UInt8] {
        let count = unsafe Int(i2d_X509(certificate, nil))
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            // It is moved to the end of what was written.
            var position = buffer.baseAddress
            unsafe i2d_X509(certificate, &position)
        }
        return bytes
    }
}

/// Why a DTLS connection has failed.
enum DTLSError: Error, Equatable, CustomStringConvertible {
    /// A function of OpenSSL that ought not to fail.
    case library(String)
    case handshake(String)
    case noProfile
    case wrongFingerprint
    case timedOut

    var description: String {
        switch self {
        case .library(let function): "OpenSSL's \(function) has failed; memory may be short."
        case .handshake(let reason): "The DTLS handshake has failed: \(reason)"
        case .noProfile:
            "The client has no encryption of media in common with the engine (AES-128 with GCM or with CM and SHA-1)."
        case .wrongFingerprint: "The client's certificate is not the one that its offer names."
        case .timedOut: "The client has not finished the DTLS handshake in time."
        }
    }
}

import COpenSSL

@testable import MediaServer

/// The client's side of DTLS by OpenSSL, in memory.
final class DTLSTestClient {
    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    /// In DER.
    let certificate: [UInt8]

    /// - Parameter profiles: nil offers no SRTP.
    init(profiles: String? = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") {
        context = SSL_CTX_new(DTLS_client_method())
        toposync_dtls_configure(context)
        let key = toposync_make_p256_key()
        let x509 = X509_new()!
        X509_gmtime_adj(X509_getm_notBefore(x509), 0)
        X509_gmtime_adj(X509_getm_notAfter(x509), 3600)
        X509_set_pubkey(x509, key)
        X509_sign(x509, key, EVP_sha256())
        SSL_CTX_use_certificate(context, x509)
        SSL_CTX_use_PrivateKey(context, key)
        if let profiles { SSL_CTX_set_tlsext_use_srtp(context, profiles) }
        certificate = DER.bytes(of: x509)
        X509_free(x509)
        EVP_PKEY_free(key)
        ssl = SSL_new(context)
        input = BIO_new(BIO_s_mem())
        output = BIO_new(BIO_s_mem())
        SSL_set_bio(ssl, input, output)
        toposync_dtls_set_mtu(ssl, 1200)
        SSL_set_connect_state(ssl)
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    private(set) var isEstablished = false

    /// Takes datagrams of the server.
    ///
    /// - Returns: what it sends.
    func receive(_ datagrams: [[UInt8]]) -> [[UInt8]] {
        for datagram in datagrams {
            BIO_write(input, datagram, Int32(datagram.count))
            if SSL_do_handshake(ssl) == 1 { isEstablished = true }
            BIO_ctrl(input, BIO_CTRL_RESET, 0, nil)
        }
        return takeDatagrams()
    }

    /// The first thing that it sends.
    func begin() -> [[UInt8]] {
        SSL_do_handshake(ssl)
        return takeDatagrams()
    }

    /// Repeats what seems to be lost.
    func timerFired() -> [[UInt8]] {
        _ = toposync_dtls_handle_timeout(ssl)
        return takeDatagrams()
    }

    func close() -> [[UInt8]] {
        SSL_shutdown(ssl)
        return takeDatagrams()
    }

    /// Both keys, then both salts, the client's first.
    func keyingMaterial(byteCount: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let label = "EXTRACTOR-dtls_srtp"
        SSL_export_keying_material(ssl, &bytes, byteCount, label, label.utf8.count, nil, 0, 0)
        return bytes
    }

    private func takeDatagrams() -> [[UInt8]] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = BIO_read(output, &bytes, Int32(bytes.count))
        return DTLSRecords.datagrams(of: bytes.prefix(Int(max(count, 0))), limit: 1200)
    }
}

/// How SRTP encrypts and authenticates, by IANA's number of it (RFC 5764 §4.1.2, RFC 7714 §14.2).
public enum SRTPProfile: UInt16, Sendable, CaseIterable {
    case aeadAES128GCM = 0x0007
    case aes128CMSHA1 = 0x0001

    /// Ours for `SSL_CTX_set_tlsext_use_srtp`, the one we prefer first: GCM costs half.
    public static let opensslNames = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"

    static let keyByteCount = 16

    var saltByteCount: Int {
        switch self {
        case .aeadAES128GCM: 12
        case .aes128CMSHA1: 14
        }
    }

    /// What `EXTRACTOR-dtls_srtp` has to export (RFC 5764 §4.2): key and salt of both sides.
    public var keyingMaterialByteCount: Int { 2 * (Self.keyByteCount + saltByteCount) }
}

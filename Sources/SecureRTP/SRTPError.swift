/// Why a packet can't be protected or opened.
public enum SRTPError: Error, Equatable, CustomStringConvertible {
    case wrongKeyLength(byteCount: Int, expected: Int)
    case tooShort(byteCount: Int)
    case notAuthentic
    case replayed(index: UInt64)
    case notEncrypted
    case tooManySources(limit: Int)
    case exhausted
    case tooOld(sequenceNumber: UInt16)
    /// OpenSSL refused.
    case library(operation: String)

    public var description: String {
        switch self {
        case .wrongKeyLength(let byteCount, let expected):
            "The DTLS handshake gave \(byteCount) bytes of keys for SRTP, but its profile needs \(expected)."
        case .tooShort(let byteCount): "A packet of \(byteCount) bytes is shorter than its own header and tag."
        case .notAuthentic: "A packet was not made with the session's key, or was damaged on its way."
        case .replayed(let index): "The packet \(index) came twice, or far too late."
        case .notEncrypted: "An SRTCP packet is not encrypted."
        case .tooManySources(let limit): "More than \(limit) sources send with one SRTP key."
        case .exhausted: "As many SRTCP packets were sent as one key allows; the viewer has to connect anew."
        case .tooOld(let number): "The packet \(number) is older than the first one of its source."
        case .library(let operation): "OpenSSL failed in \(operation)."
        }
    }
}

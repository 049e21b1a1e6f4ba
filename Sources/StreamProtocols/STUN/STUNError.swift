/// Why bytes are not a STUN message (RFC 8489 §6.3).
public enum STUNError: Error, Equatable, CustomStringConvertible {
    case tooLong(byteCount: Int, limit: Int)
    case truncated(byteCount: Int)
    case notSTUN
    case malformedAttribute(type: UInt16)
    case wrongFingerprint

    public var description: String {
        switch self {
        case .tooLong(let byteCount, let limit):
            "The STUN message of \(byteCount) bytes exceeds the limit of \(limit) bytes."
        case .truncated(let byteCount):
            "The STUN message of \(byteCount) bytes has another length than its header or attributes say."
        case .notSTUN: "The datagram begins as STUN does but lacks its magic cookie."
        case .malformedAttribute(let type): "The STUN attribute 0x\(String(type, radix: 16)) has a wrong length."
        case .wrongFingerprint: "The FINGERPRINT of the STUN message is wrong: it was damaged, or is no STUN."
        }
    }
}

/// Why bytes are not an RTCP packet.
public enum RTCPError: Error, Equatable, CustomStringConvertible {
    case empty
    case truncated(byteCount: Int)
    case unsupportedVersion(UInt8)
    case invalidPadding
    case malformed(type: UInt8)
    case tooManyPackets(limit: Int)

    public var description: String {
        switch self {
        case .empty: "The RTCP datagram is empty."
        case .truncated(let byteCount): "The RTCP datagram of \(byteCount) bytes is shorter than its packets say."
        case .unsupportedVersion(let version): "The datagram says RTCP version \(version), but only version 2 exists."
        case .invalidPadding: "The RTCP packet's padding is longer than the packet."
        case .malformed(let type): "The RTCP packet of type \(type) is shorter than its counts say."
        case .tooManyPackets(let limit): "The RTCP datagram holds more than \(limit) packets."
        }
    }
}

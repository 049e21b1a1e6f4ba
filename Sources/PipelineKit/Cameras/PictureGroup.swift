import MediaKit

/// The coded pictures since the last random access point, kept so that decoding can begin at any time. Bounded: a group
/// that is too long is dropped, and decoding begins with the next one.
struct PictureGroup: Sendable {
    static let packetLimit = 600
    static let byteLimit = 16 << 20

    private(set) var pictures: [(packet: EncodedPacket, captureTime: MonotonicInstant)] = []
    private var byteCount = 0

    mutating func append(_ packet: EncodedPacket, capturedAt captureTime: MonotonicInstant) {
        if packet.isKeyframe {
            pictures = [(packet, captureTime)]
            byteCount = packet.byteCount
        } else if !pictures.isEmpty {
            pictures.append((packet, captureTime))
            byteCount += packet.byteCount
            if pictures.count > Self.packetLimit || byteCount > Self.byteLimit { pictures = [] }
        }
    }
}

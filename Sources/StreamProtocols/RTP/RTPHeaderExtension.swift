/// Header extensions as they lie in a packet (RFC 8285 §4.2, one-byte headers), made once for all packets of a track.
public struct RTPHeaderExtension: Sendable, Equatable {
    /// The profile's number, the length and the elements; nothing when there is no element.
    let bytes: [UInt8]

    static let none = RTPHeaderExtension(mid: "", id: nil)

    private static let oneByteProfile: UInt16 = 0xBEDE

    /// The media section that a packet belongs to (RFC 9143 §15): without it, Firefox drops retransmissions.
    ///
    /// - Parameters:
    ///   - id: by which the peer knows the extension, 1…14; nil when it does not: then there is none.
    ///   - mid: at most 16 bytes, or there is none.
    public init(mid: String, id: UInt8?) {
        let value = [UInt8](mid.utf8)
        guard let id, (1...14).contains(id), (1...16).contains(value.count) else {
            bytes = []
            return
        }
        var elements = [id << 4 | UInt8(truncatingIfNeeded: value.count - 1)] + value
        while elements.count % 4 != 0 { elements.append(0) }
        var bytes: [UInt8] = []
        bytes.appendBigEndian(Self.oneByteProfile)
        bytes.appendBigEndian(UInt16(truncatingIfNeeded: elements.count / 4))
        self.bytes = bytes + elements
    }
}

extension RTPPacket {
    /// Appends the packet in wire format, with header extensions.
    public func append(to bytes: inout [UInt8], headerExtension: RTPHeaderExtension) {
        appendHeader(to: &bytes, headerExtension)
        bytes.append(contentsOf: payload)
    }

    /// Appends the packet as a retransmission in a stream of its own (RFC 4588 §4): its own number comes before the payload.
    ///
    /// - Parameters:
    ///   - payloadType: of retransmissions, as the peer knows them.
    ///   - ssrc: of the stream of retransmissions.
    ///   - sequenceNumber: in that stream.
    public func appendRetransmission(
        to bytes: inout [UInt8], payloadType: UInt8, ssrc: UInt32, sequenceNumber: UInt16,
        headerExtension: RTPHeaderExtension
    ) {
        var header = self
        header.payloadType = payloadType
        header.ssrc = ssrc
        header.sequenceNumber = sequenceNumber
        header.appendHeader(to: &bytes, headerExtension)
        bytes.appendBigEndian(self.sequenceNumber)
        bytes.append(contentsOf: payload)
    }

    private func appendHeader(to bytes: inout [UInt8], _ headerExtension: RTPHeaderExtension) {
        bytes.append(headerExtension.bytes.isEmpty ? 0x80 : 0x90)
        bytes.append((marker ? 0x80 : 0) | (payloadType & 0x7F))
        bytes.appendBigEndian(sequenceNumber)
        bytes.appendBigEndian(timestamp)
        bytes.appendBigEndian(ssrc)
        bytes.append(contentsOf: headerExtension.bytes)
    }
}

/// Header extensions as they lie in a packet (RFC 8285 §4.2, one-byte headers), made once for all packets of a track.
public struct RTPHeaderExtension: Sendable, Equatable {
    /// The profile's number, the length and the elements, with 0 where each packet has a number; nothing when there is no element.
    fileprivate let bytes: [UInt8]
    /// Whether each packet has a number that counts all of the transport's.
    public let hasTransportNumber: Bool

    static let none = RTPHeaderExtension(mid: "", id: nil)

    fileprivate static let oneByteProfile: UInt16 = 0xBEDE
    /// Behind the profile's number, the length and the element's own header.
    fileprivate static let transportNumberOffset = 5

    /// - Parameters:
    ///   - id: by which the peer knows the extension that names the media section (RFC 9143 §15), 1…14; nil when it does not:
    ///     then there is none. Without it, Firefox drops retransmissions.
    ///   - mid: at most 16 bytes, or there is none.
    ///   - transportNumberID: by which it knows the one that counts packets
    ///     (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2), likewise.
    public init(mid: String, id: UInt8?, transportNumberID: UInt8? = nil) {
        var elements: [UInt8] = []
        if let transportNumberID, (1...14).contains(transportNumberID) {
            elements = [transportNumberID << 4 | 1, 0, 0]
        }
        hasTransportNumber = !elements.isEmpty
        let value = [UInt8](mid.utf8)
        if let id, (1...14).contains(id), (1...16).contains(value.count) {
            elements.append(id << 4 | UInt8(truncatingIfNeeded: value.count - 1))
            elements += value
        }
        guard !elements.isEmpty else {
            bytes = []
            return
        }
        while elements.count % 4 != 0 { elements.append(0) }
        var bytes: [UInt8] = []
        bytes.appendBigEndian(Self.oneByteProfile)
        bytes.appendBigEndian(UInt16(truncatingIfNeeded: elements.count / 4))
        self.bytes = bytes + elements
    }

    fileprivate func append(to packet: inout [UInt8], transportNumber: UInt16) {
        let place = packet.count + Self.transportNumberOffset
        packet.append(contentsOf: bytes)
        guard hasTransportNumber else { return }
        packet[place] = UInt8(transportNumber >> 8)
        packet[place + 1] = UInt8(truncatingIfNeeded: transportNumber)
    }
}

extension RTPPacket {
    /// What tells the packets of one stream apart from those of another with the same payloads.
    public struct Numbers {
        var payloadType: UInt8
        var ssrc: UInt32
        var sequenceNumber: UInt16
        var timestamp: UInt32

        public init(payloadType: UInt8, ssrc: UInt32, sequenceNumber: UInt16, timestamp: UInt32) {
            self.payloadType = payloadType
            self.ssrc = ssrc
            self.sequenceNumber = sequenceNumber
            self.timestamp = timestamp
        }
    }

    private var numbers: Numbers {
        Numbers(payloadType: payloadType, ssrc: ssrc, sequenceNumber: sequenceNumber, timestamp: timestamp)
    }

    /// Appends the packet in wire format, with header extensions.
    ///
    /// - Parameters:
    ///   - numbers: those of another stream; nil where it is the packet's own.
    ///   - transportNumber: its number among all of the transport's packets, where the extension has one.
    public func append(
        to bytes: inout [UInt8], as numbers: Numbers? = nil, headerExtension: RTPHeaderExtension,
        transportNumber: UInt16 = 0
    ) {
        appendHeader(to: &bytes, numbers ?? self.numbers, headerExtension, transportNumber)
        bytes.append(contentsOf: payload)
    }

    /// Appends the packet as a retransmission in a stream of its own (RFC 4588 §4): its own number comes before the payload.
    ///
    /// - Parameters:
    ///   - payloadType: of retransmissions, as the peer knows them.
    ///   - ssrc: of the stream of retransmissions.
    ///   - sequenceNumber: in that stream.
    ///   - transportNumber: among all of the transport's packets, where the extension has one.
    public func appendRetransmission(
        to bytes: inout [UInt8], payloadType: UInt8, ssrc: UInt32, sequenceNumber: UInt16,
        headerExtension: RTPHeaderExtension, transportNumber: UInt16 = 0
    ) {
        appendHeader(
            to: &bytes,
            Numbers(payloadType: payloadType, ssrc: ssrc, sequenceNumber: sequenceNumber, timestamp: timestamp),
            headerExtension, transportNumber)
        bytes.appendBigEndian(self.sequenceNumber)
        bytes.append(contentsOf: payload)
    }

    private func appendHeader(
        to bytes: inout [UInt8], _ numbers: Numbers, _ headerExtension: RTPHeaderExtension, _ transportNumber: UInt16
    ) {
        bytes.append(headerExtension.bytes.isEmpty ? 0x80 : 0x90)
        bytes.append((marker ? 0x80 : 0) | (numbers.payloadType & 0x7F))
        bytes.appendBigEndian(numbers.sequenceNumber)
        bytes.appendBigEndian(numbers.timestamp)
        bytes.appendBigEndian(numbers.ssrc)
        headerExtension.append(to: &bytes, transportNumber: transportNumber)
    }
}

extension RTPPacket {
    /// The number that a packet has among all of the transport's; nil for one without.
    ///
    /// - Parameters:
    ///   - bytes: the packet.
    ///   - id: by which the header extension is known.
    public static func transportNumber(in bytes: ArraySlice<UInt8>, id: UInt8) -> UInt16? {
        var packet = ByteReader(bytes)
        guard let first = packet.readUInt8(), first & 0x10 != 0, packet.skip(headerSize - 1 + 4 * Int(first & 0x0F)),
            packet.readUInt16() == RTPHeaderExtension.oneByteProfile, let words = packet.readUInt16(),
            let content = packet.readBytes(4 * Int(words))
        else { return nil }
        var elements = ByteReader(content)
        while let header = elements.readUInt8() {
            // RFC 8285 §4.2: 0 fills up, and behind 15 nothing is read.
            guard header != 0 else { continue }
            guard header >> 4 != 15, let value = elements.readBytes(Int(header & 0x0F) + 1) else { return nil }
            guard header >> 4 == id else { continue }
            var number = ByteReader(value)
            return value.count == 2 ? number.readUInt16() : nil
        }
        return nil
    }

    /// The packet that a retransmission repeats (RFC 4588 §4): its number stands before its payload.
    ///
    /// - Parameters:
    ///   - payloadType: of the packets that are repeated.
    ///   - ssrc: likewise.
    /// - Returns: nil for one that only fills the line.
    public init?(repeatedBy retransmission: RTPPacket, payloadType: UInt8, ssrc: UInt32) {
        var reader = ByteReader(retransmission.payload)
        guard let sequenceNumber = reader.readUInt16() else { return nil }
        self.init(
            marker: retransmission.marker, payloadType: payloadType, sequenceNumber: sequenceNumber,
            timestamp: retransmission.timestamp, ssrc: ssrc, payload: reader.rest)
    }
}

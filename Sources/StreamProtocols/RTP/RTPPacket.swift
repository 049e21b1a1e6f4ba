/// Why bytes are not an RTP packet (RFC 3550 §5.1).
public enum RTPPacketError: Error, Equatable, CustomStringConvertible {
    case truncated(byteCount: Int)
    case unsupportedVersion(UInt8)
    case invalidPadding

    public var description: String {
        switch self {
        case .truncated(let byteCount):
            "The RTP packet of \(byteCount) bytes is shorter than its own header says; the sender is broken."
        case .unsupportedVersion(let version):
            "The packet says RTP version \(version), but only version 2 exists; the sender does not send RTP here."
        case .invalidPadding:
            "The RTP packet's padding is longer than its payload; the sender is broken."
        }
    }
}

/// One RTP packet (RFC 3550 §5.1). Contributing sources and header extensions are skipped when parsing.
public struct RTPPacket: Sendable, Equatable {
    /// The size in bytes of the header that `append(to:)` writes.
    public static let headerSize = 12

    /// Video: set on the last packet of an access unit (RFC 6184 §5.1).
    public var marker: Bool
    /// 0…127; the upper bit is not part of it.
    public var payloadType: UInt8
    public var sequenceNumber: UInt16
    /// In units of the track's clock rate, wrapping at 2³².
    public var timestamp: UInt32
    public var ssrc: UInt32
    public var payload: ArraySlice<UInt8>

    public init(
        marker: Bool,
        payloadType: UInt8,
        sequenceNumber: UInt16,
        timestamp: UInt32,
        ssrc: UInt32,
        payload: ArraySlice<UInt8>
    ) {
        self.marker = marker
        self.payloadType = payloadType & 0x7F
        self.sequenceNumber = sequenceNumber
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.payload = payload
    }

    /// Reads one packet. The payload refers to the same storage as `bytes`, unless it is a small part of it.
    public init(parsing bytes: ArraySlice<UInt8>) throws(RTPPacketError) {
        var reader = ByteReader(bytes)
        guard
            let first = reader.readUInt8(), let second = reader.readUInt8(),
            let sequenceNumber = reader.readUInt16(), let timestamp = reader.readUInt32(),
            let ssrc = reader.readUInt32()
        else { throw .truncated(byteCount: bytes.count) }
        guard first >> 6 == 2 else { throw .unsupportedVersion(first >> 6) }

        guard reader.skip(Int(first & 0x0F) * 4) else { throw .truncated(byteCount: bytes.count) }
        if first & 0x10 != 0 {
            // RFC 3550 §5.3.1: 16 bits of profile, then the extension's length in 32-bit words.
            guard reader.skip(2), let words = reader.readUInt16(), reader.skip(Int(words) * 4) else {
                throw .truncated(byteCount: bytes.count)
            }
        }
        var payload = reader.rest
        if first & 0x20 != 0 {
            // The last byte counts the padding, itself included.
            // Some cameras set the bit and pad nothing.
            guard let padding = payload.last, Int(padding) <= payload.count else { throw .invalidPadding }
            payload.removeLast(Int(padding))
        }
        // Whoever keeps the payload keeps the whole packet: not where that is mostly extensions and padding.
        if 2 * payload.count < bytes.count { payload = [UInt8](payload)[...] }
        self.init(
            marker: second & 0x80 != 0,
            payloadType: second,
            sequenceNumber: sequenceNumber,
            timestamp: timestamp,
            ssrc: ssrc,
            payload: payload
        )
    }

    /// Reads one packet from an array that holds nothing else.
    public init(parsing bytes: [UInt8]) throws(RTPPacketError) {
        try self.init(parsing: bytes[...])
    }

    /// The size in bytes of the serialized packet.
    public var byteCount: Int { Self.headerSize + payload.count }

    /// Appends the packet in wire format.
    public func append(to bytes: inout [UInt8]) { append(to: &bytes, headerExtension: .none) }

    /// Appends the packet as RTSP interleaved binary data: `$`, the channel, the length in two bytes, the packet
    /// (RFC 2326 §10.12). A packet that does not fit in 65 535 bytes can't be framed and is not appended.
    ///
    /// - Returns: whether it was appended.
    @discardableResult
    public func appendInterleaved(channel: UInt8, to bytes: inout [UInt8]) -> Bool {
        guard let length = UInt16(exactly: byteCount) else { return false }
        bytes.append(0x24)
        bytes.append(channel)
        bytes.appendBigEndian(length)
        append(to: &bytes)
        return true
    }

    /// The packet in wire format.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        append(to: &bytes)
        return bytes
    }
}

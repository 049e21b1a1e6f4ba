/// A PES packet that somebody else wrote (ISO/IEC 13818-1 §2.4.3.6).
struct PESUnit: Sendable, Equatable {
    /// 33 bits of 90 kHz; nil when none is said.
    var presentationTime: Int64?
    var payload: ArraySlice<UInt8>

    /// - Parameter bytes: the whole packet, and nothing behind it that is of another.
    /// - Returns: nil for one that is malformed, shorter than it says, or of a stream that carries no media.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = ByteReader(bytes)
        guard reader.readUInt24() == 1, reader.skip(1), let length = reader.readUInt16(),
            let flags = reader.readUInt16(),
            // '10', and not scrambled.
            flags & 0xF000 == 0x8000, let headerLength = reader.readUInt8(),
            let header = reader.readBytes(Int(headerLength))
        else { return nil }
        payload = reader.rest
        if length > 0 {
            // Both bytes of flags, and the length of the header, are counted.
            let payloadLength = Int(length) - 3 - Int(headerLength)
            guard payloadLength >= 0, payloadLength <= payload.count else { return nil }
            payload = payload.prefix(payloadLength)
        }
        presentationTime = flags & 0x0080 != 0 ? Self.timestamp(header) : nil
    }

    /// 33 bits in five bytes with a marker bit after bits 30, 15 and 0.
    private static func timestamp(_ header: ArraySlice<UInt8>) -> Int64? {
        var reader = ByteReader(header)
        guard let top = reader.readUInt8(), let middle = reader.readUInt16(), let low = reader.readUInt16() else {
            return nil
        }
        return Int64(top >> 1 & 0x07) << 30 | Int64(middle >> 1) << 15 | Int64(low >> 1)
    }
}

/// Puts the PES packets of one PID together.
struct PESReader: Sendable {
    enum Event {
        case unit(PESUnit)
        /// A packet was malformed, not whole, or too long.
        case damaged
    }

    /// Bytes up to PES_packet_length.
    private static let lengthEnd = 6

    /// Bytes of a packet at most.
    let limit: Int
    private var bytes: [UInt8] = []
    private var isGathering = false

    init(limit: Int) { self.limit = limit }

    /// Takes the payload of a transport packet.
    mutating func append(_ payload: ArraySlice<UInt8>, startsUnit: Bool) -> [Event] {
        var events: [Event] = []
        if startsUnit {
            // One that does not say how long it is ends where the next begins (§2.4.3.7).
            events += finish()
            isGathering = true
        }
        guard isGathering else { return events }
        guard bytes.count + payload.count <= limit else {
            drop()
            return events + [.damaged]
        }
        bytes += payload
        if let length = announcedLength, bytes.count >= length { events += finish() }
        return events
    }

    /// What has come of a packet is not needed any more.
    mutating func drop() {
        isGathering = false
        bytes = []
    }

    private mutating func finish() -> [Event] {
        guard isGathering else { return [] }
        let whole = bytes
        drop()
        guard let unit = PESUnit(whole[...]) else { return [.damaged] }
        return [.unit(unit)]
    }

    /// Nil before it is known, and of a packet that does not say.
    private var announcedLength: Int? {
        guard bytes.count >= Self.lengthEnd else { return nil }
        let length = Int(bytes[4]) << 8 | Int(bytes[5])
        return length > 0 ? Self.lengthEnd + length : nil
    }
}

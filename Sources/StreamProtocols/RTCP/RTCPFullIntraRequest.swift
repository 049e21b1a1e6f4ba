/// The order to begin anew with a picture that needs no other (FIR, RFC 5104 §4.3.1).
public struct RTCPFullIntraRequest: Sendable, Equatable {
    static let format = 4

    public struct Entry: Sendable, Equatable {
        /// The source of the pictures.
        public var ssrc: UInt32
        /// Another one for each order; the same when one is repeated.
        public var sequenceNumber: UInt8

        public init(ssrc: UInt32, sequenceNumber: UInt8) {
            self.ssrc = ssrc
            self.sequenceNumber = sequenceNumber
        }
    }

    /// Who orders it.
    public var ssrc: UInt32
    public var entries: [Entry]

    public init(ssrc: UInt32, entries: [Entry]) {
        self.ssrc = ssrc
        self.entries = entries
    }

    init?(_ reader: inout ByteReader) {
        // "SSRC of media source" is not used, and is 0.
        guard let ssrc = reader.readUInt32(), reader.skip(4) else { return nil }
        self.init(ssrc: ssrc, entries: [])
        while !reader.isAtEnd {
            // Three reserved bytes follow.
            guard let source = reader.readUInt32(), let number = reader.readUInt8(), reader.skip(3) else { return nil }
            entries.append(Entry(ssrc: source, sequenceNumber: number))
        }
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(ssrc)
        bytes.appendBigEndian(UInt32(0))
        for entry in entries {
            bytes.appendBigEndian(entry.ssrc)
            bytes.appendBigEndian(UInt32(entry.sequenceNumber) << 24)
        }
    }
}

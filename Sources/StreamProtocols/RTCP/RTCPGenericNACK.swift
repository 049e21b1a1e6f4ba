/// Packets that did not come and are wanted again (generic NACK, RFC 4585 §6.2.1).
public struct RTCPGenericNACK: Sendable, Equatable {
    static let format = 1

    /// Who wants them.
    public var ssrc: UInt32
    /// The source of the packets.
    public var mediaSSRC: UInt32
    /// As the sender listed them.
    public var sequenceNumbers: [UInt16]

    public init(ssrc: UInt32, mediaSSRC: UInt32, sequenceNumbers: [UInt16]) {
        self.ssrc = ssrc
        self.mediaSSRC = mediaSSRC
        self.sequenceNumbers = sequenceNumbers
    }

    init?(_ reader: inout ByteReader) {
        guard let ssrc = reader.readUInt32(), let mediaSSRC = reader.readUInt32() else { return nil }
        self.init(ssrc: ssrc, mediaSSRC: mediaSSRC, sequenceNumbers: [])
        while !reader.isAtEnd {
            // A number, and a bit for each of the 16 that follow it.
            guard let first = reader.readUInt16(), let mask = reader.readUInt16() else { return nil }
            sequenceNumbers.append(first)
            for offset in UInt16(0)..<16 where mask >> offset & 1 != 0 {
                // RFC 3550 §5.1: modulo 2¹⁶.
                sequenceNumbers.append(first &+ offset &+ 1)
            }
        }
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(ssrc)
        bytes.appendBigEndian(mediaSSRC)
        var rest = sequenceNumbers[...]
        while let first = rest.popFirst() {
            var mask: UInt16 = 0
            // Only numbers that go forward, so that reading it gives the same list.
            while let next = rest.first {
                let step = next &- first
                guard (1...16).contains(step), mask >> (step - 1) == 0 else { break }
                mask |= 1 << (step - 1)
                rest = rest.dropFirst()
            }
            bytes.appendBigEndian(first)
            bytes.appendBigEndian(mask)
        }
    }
}

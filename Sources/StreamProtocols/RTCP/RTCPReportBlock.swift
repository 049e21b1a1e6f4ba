/// What a receiver says about one source (RFC 3550 §6.4.1).
public struct RTCPReportBlock: Sendable, Equatable {
    /// The source that this is about.
    public var ssrc: UInt32
    /// Part of the packets lost since the last report, in 1/256.
    public var fractionLost: UInt8
    /// Packets lost since the beginning; negative with duplicates. Clamped to 24 bits when written.
    public var cumulativeLost: Int32
    /// The highest sequence number received, with the number of wraps in the upper 16 bits.
    public var extendedHighestSequenceNumber: UInt32
    /// Interarrival jitter in clock-rate units.
    public var jitter: UInt32
    /// The middle of the last sender report's NTP timestamp; 0 when none came.
    public var lastSenderReport: UInt32
    /// Time from then to this report in units of 1/65536 s.
    public var delaySinceLastSenderReport: UInt32

    public init(
        ssrc: UInt32,
        fractionLost: UInt8,
        cumulativeLost: Int32,
        extendedHighestSequenceNumber: UInt32,
        jitter: UInt32,
        lastSenderReport: UInt32,
        delaySinceLastSenderReport: UInt32
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.extendedHighestSequenceNumber = extendedHighestSequenceNumber
        self.jitter = jitter
        self.lastSenderReport = lastSenderReport
        self.delaySinceLastSenderReport = delaySinceLastSenderReport
    }

    init?(_ reader: inout ByteReader) {
        guard
            let ssrc = reader.readUInt32(), let fractionLost = reader.readUInt8(),
            let cumulativeLost = reader.readInt24(), let highest = reader.readUInt32(),
            let jitter = reader.readUInt32(), let last = reader.readUInt32(), let delay = reader.readUInt32()
        else { return nil }
        self.init(
            ssrc: ssrc,
            fractionLost: fractionLost,
            cumulativeLost: cumulativeLost,
            extendedHighestSequenceNumber: highest,
            jitter: jitter,
            lastSenderReport: last,
            delaySinceLastSenderReport: delay
        )
    }

    static func readAll(_ reader: inout ByteReader, count: UInt8) -> [RTCPReportBlock]? {
        var blocks: [RTCPReportBlock] = []
        for _ in 0..<count {
            guard let block = RTCPReportBlock(&reader) else { return nil }
            blocks.append(block)
        }
        return blocks
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(ssrc)
        let lost = UInt32(bitPattern: min(max(cumulativeLost, -0x80_0000), 0x7F_FFFF)) & 0xFF_FFFF
        bytes.appendBigEndian(UInt32(fractionLost) << 24 | lost)
        bytes.appendBigEndian(extendedHighestSequenceNumber)
        bytes.appendBigEndian(jitter)
        bytes.appendBigEndian(lastSenderReport)
        bytes.appendBigEndian(delaySinceLastSenderReport)
    }
}

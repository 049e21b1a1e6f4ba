/// A sender's report (SR, RFC 3550 §6.4.1): which wall-clock time an RTP timestamp is, and what was sent so far.
public struct RTCPSenderReport: Sendable, Equatable {
    public var ssrc: UInt32
    /// When the report was sent.
    public var ntpTimestamp: NTPTimestamp
    /// The same moment in the units and with the offset of the RTP timestamps.
    public var rtpTimestamp: UInt32
    /// RTP packets sent so far, modulo 2³².
    public var packetCount: UInt32
    /// Payload bytes sent so far, modulo 2³².
    public var octetCount: UInt32
    /// At most 31 are written.
    public var reportBlocks: [RTCPReportBlock]

    public init(
        ssrc: UInt32,
        ntpTimestamp: NTPTimestamp,
        rtpTimestamp: UInt32,
        packetCount: UInt32,
        octetCount: UInt32,
        reportBlocks: [RTCPReportBlock] = []
    ) {
        self.ssrc = ssrc
        self.ntpTimestamp = ntpTimestamp
        self.rtpTimestamp = rtpTimestamp
        self.packetCount = packetCount
        self.octetCount = octetCount
        self.reportBlocks = reportBlocks
    }

    init?(_ reader: inout ByteReader, blockCount: UInt8) {
        guard
            let ssrc = reader.readUInt32(), let ntp = reader.readUInt64(), let rtpTimestamp = reader.readUInt32(),
            let packetCount = reader.readUInt32(), let octetCount = reader.readUInt32(),
            let blocks = RTCPReportBlock.readAll(&reader, count: blockCount)
        else { return nil }
        self.init(
            ssrc: ssrc,
            ntpTimestamp: NTPTimestamp(rawValue: ntp),
            rtpTimestamp: rtpTimestamp,
            packetCount: packetCount,
            octetCount: octetCount,
            reportBlocks: blocks
        )
    }

    /// - Returns: the number of report blocks.
    func append(to bytes: inout [UInt8]) -> Int {
        bytes.appendBigEndian(ssrc)
        bytes.appendBigEndian(ntpTimestamp.rawValue)
        bytes.appendBigEndian(rtpTimestamp)
        bytes.appendBigEndian(packetCount)
        bytes.appendBigEndian(octetCount)
        let blocks = reportBlocks.prefix(RTCPPacket.itemCountLimit)
        for block in blocks { block.append(to: &bytes) }
        return blocks.count
    }
}

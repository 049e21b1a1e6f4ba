/// The report of somebody who only receives (RR, RFC 3550 §6.4.2).
public struct RTCPReceiverReport: Sendable, Equatable {
    /// Who reports.
    public var ssrc: UInt32
    /// At most 31 are written.
    public var reportBlocks: [RTCPReportBlock]

    public init(ssrc: UInt32, reportBlocks: [RTCPReportBlock] = []) {
        self.ssrc = ssrc
        self.reportBlocks = reportBlocks
    }

    init?(_ reader: inout ByteReader, blockCount: UInt8) {
        guard let ssrc = reader.readUInt32(), let blocks = RTCPReportBlock.readAll(&reader, count: blockCount) else {
            return nil
        }
        self.init(ssrc: ssrc, reportBlocks: blocks)
    }

    /// - Returns: the number of report blocks.
    func append(to bytes: inout [UInt8]) -> Int {
        bytes.appendBigEndian(ssrc)
        let blocks = reportBlocks.prefix(RTCPPacket.itemCountLimit)
        for block in blocks { block.append(to: &bytes) }
        return blocks.count
    }
}

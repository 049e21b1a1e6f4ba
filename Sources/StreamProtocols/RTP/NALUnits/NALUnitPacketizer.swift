/// Carries access units in RTP packets: small NAL units together in an aggregate, middle ones alone, big ones in
/// fragments.
public struct NALUnitPacketizer<Format: NALUnitPayloadFormat>: RTPPacketizer {
    /// Largest RTP payload in bytes.
    public let maxPayloadSize: Int
    public private(set) var numbering: RTPNumbering

    /// - Parameter maxPayloadSize: in bytes; brought into the bounds of ``RTPPayloadSize``.
    public init(numbering: RTPNumbering = RTPNumbering(), maxPayloadSize: Int = RTPPayloadSize.standard) {
        self.numbering = numbering
        self.maxPayloadSize = RTPPayloadSize.bounded(maxPayloadSize)
    }

    public mutating func packetize(_ sample: Sample) -> [RTPPacket] {
        let timestamp = numbering.rtpTimestamp(of: sample.presentationTime)
        let nalUnits = sample.nalUnits
        var packets: [RTPPacket] = []
        packets.reserveCapacity(sample.byteCount / maxPayloadSize + nalUnits.count + 1)
        var aggregated: [ArraySlice<UInt8>] = []
        var aggregatedByteCount = Format.aggregateHeaderSize

        for nalUnit in nalUnits where !nalUnit.isEmpty {
            let byteCount = nalUnit.count + Self.aggregateLengthSize
            if aggregatedByteCount + byteCount > maxPayloadSize {
                flush(&aggregated, timestamp: timestamp, into: &packets)
                aggregatedByteCount = Format.aggregateHeaderSize
            }
            if nalUnit.count > maxPayloadSize {
                appendFragments(of: nalUnit, timestamp: timestamp, to: &packets)
            } else {
                aggregated.append(nalUnit)
                aggregatedByteCount += byteCount
            }
        }
        flush(&aggregated, timestamp: timestamp, into: &packets)

        // RFC 6184 §5.1: the marker says that the access unit ends here.
        if var last = packets.popLast() {
            last.marker = true
            packets.append(last)
        }
        return packets
    }

    /// RFC 6184 §5.7.1, RFC 7798 §4.4.2: each unit of an aggregate comes after its length.
    private static var aggregateLengthSize: Int { 2 }

    /// Sends what was gathered: one unit as it is, several as an aggregate.
    private mutating func flush(
        _ nalUnits: inout [ArraySlice<UInt8>],
        timestamp: UInt32,
        into packets: inout [RTPPacket]
    ) {
        defer { nalUnits.removeAll(keepingCapacity: true) }
        guard nalUnits.count > 1 else {
            if let nalUnit = nalUnits.first { packets.append(numbering.packet(timestamp: timestamp, payload: nalUnit)) }
            return
        }
        var payload: [UInt8] = []
        payload.reserveCapacity(
            nalUnits.reduce(Format.aggregateHeaderSize) { $0 + $1.count + Self.aggregateLengthSize })
        Format.appendAggregateHeader(of: nalUnits, to: &payload)
        for nalUnit in nalUnits {
            // Units that don't fit in maxPayloadSize (at most 65 000) are not gathered.
            payload.appendBigEndian(UInt16(truncatingIfNeeded: nalUnit.count))
            payload.append(contentsOf: nalUnit)
        }
        packets.append(numbering.packet(timestamp: timestamp, payload: payload[...]))
    }

    /// All fragments of a unit are written into one array, which their payloads share.
    private mutating func appendFragments(
        of nalUnit: ArraySlice<UInt8>,
        timestamp: UInt32,
        to packets: inout [RTPPacket]
    ) {
        let fragmentSize = maxPayloadSize - Format.fragmentHeaderSize
        let data = nalUnit.dropFirst(Format.nalUnitHeaderSize)
        let count = (data.count + fragmentSize - 1) / fragmentSize

        var storage: [UInt8] = []
        storage.reserveCapacity(data.count + count * Format.fragmentHeaderSize)
        var rest = data
        while !rest.isEmpty {
            Format.appendFragmentHeader(
                of: nalUnit, isStart: rest.count == data.count, isEnd: rest.count <= fragmentSize, to: &storage)
            storage.append(contentsOf: rest.prefix(fragmentSize))
            rest = rest.dropFirst(fragmentSize)
        }
        var payloads = storage[...]
        while !payloads.isEmpty {
            packets.append(numbering.packet(timestamp: timestamp, payload: payloads.prefix(maxPayloadSize)))
            payloads = payloads.dropFirst(maxPayloadSize)
        }
    }
}

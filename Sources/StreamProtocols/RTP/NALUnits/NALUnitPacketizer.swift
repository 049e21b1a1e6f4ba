/// Bounds of what a packetizer puts into one packet, in bytes.
public enum NALUnitPacketizerLimits {
    /// Leaves room for IP, UDP, RTP and a tunnel's headers in an Ethernet frame of 1500 bytes.
    public static let defaultMaxPayloadSize = 1400
    /// Less than this leaves no room for a fragment's header and data worth sending.
    public static let minimumMaxPayloadSize = 64
    /// What interleaved framing and 16-bit lengths can carry.
    public static let maximumMaxPayloadSize = 65_000
}

/// Carries access units in RTP packets: small NAL units together in an aggregate, middle ones alone, big ones in
/// fragments.
public struct NALUnitPacketizer<Format: NALUnitPayloadFormat>: RTPPacketizer {
    /// Largest RTP payload in bytes.
    public let maxPayloadSize: Int
    public let payloadType: UInt8
    public let ssrc: UInt32
    /// The sequence number of the next packet.
    public private(set) var nextSequenceNumber: UInt16
    /// Added to the access unit's timestamp, modulo 2³².
    public let timestampOffset: UInt32

    /// RFC 3550 §5.1 wants random SSRC, first sequence number and timestamp offset; the defaults are.
    ///
    /// - Parameter maxPayloadSize: in bytes; brought into the bounds of ``NALUnitPacketizerLimits``.
    public init(
        payloadType: UInt8 = 96,
        ssrc: UInt32 = .random(in: .min ... .max),
        sequenceNumber: UInt16 = .random(in: .min ... .max),
        timestampOffset: UInt32 = .random(in: .min ... .max),
        maxPayloadSize: Int = NALUnitPacketizerLimits.defaultMaxPayloadSize
    ) {
        self.payloadType = payloadType
        self.ssrc = ssrc
        self.nextSequenceNumber = sequenceNumber
        self.timestampOffset = timestampOffset
        self.maxPayloadSize = min(
            max(maxPayloadSize, NALUnitPacketizerLimits.minimumMaxPayloadSize),
            NALUnitPacketizerLimits.maximumMaxPayloadSize)
    }

    public var codec: TrackCodec { Format.codec }

    public func rtpTimestamp(of timestamp: Int64) -> UInt32 {
        // RFC 3550 §5.1: timestamps are modulo 2³².
        UInt32(truncatingIfNeeded: timestamp) &+ timestampOffset
    }

    public mutating func packetize(_ unit: AccessUnit) -> [RTPPacket] {
        let timestamp = rtpTimestamp(of: unit.timestamp)
        var packets: [RTPPacket] = []
        packets.reserveCapacity(unit.byteCount / maxPayloadSize + unit.nalUnits.count + 1)
        var aggregated: [ArraySlice<UInt8>] = []
        var aggregatedByteCount = Format.aggregateHeaderSize

        for nalUnit in unit.nalUnits where !nalUnit.isEmpty {
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
            if let nalUnit = nalUnits.first { packets.append(packet(timestamp: timestamp, payload: nalUnit)) }
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
        packets.append(packet(timestamp: timestamp, payload: payload[...]))
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
            packets.append(packet(timestamp: timestamp, payload: payloads.prefix(maxPayloadSize)))
            payloads = payloads.dropFirst(maxPayloadSize)
        }
    }

    private mutating func packet(timestamp: UInt32, payload: ArraySlice<UInt8>) -> RTPPacket {
        // RFC 3550 §5.1: the sequence number is modulo 2¹⁶.
        defer { nextSequenceNumber &+= 1 }
        return RTPPacket(
            marker: false,
            payloadType: payloadType,
            sequenceNumber: nextSequenceNumber,
            timestamp: timestamp,
            ssrc: ssrc,
            payload: payload
        )
    }
}

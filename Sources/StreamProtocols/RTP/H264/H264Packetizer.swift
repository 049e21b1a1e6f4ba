/// Carries H.264 access units in RTP packets: small NAL units together (STAP-A), middle ones alone, big ones in
/// fragments (FU-A). That is packetization-mode 1 of RFC 6184.
public struct H264Packetizer: RTPPacketizer {
    /// Leaves room for IP, UDP, RTP and a tunnel's headers in an Ethernet frame of 1500 bytes.
    public static let defaultMaxPayloadSize = 1400
    /// Less than this leaves no room for the FU-A header and data worth sending.
    public static let minimumMaxPayloadSize = 64

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
    /// - Parameter maxPayloadSize: in bytes, raised to `minimumMaxPayloadSize` and lowered to 65 000 where needed.
    public init(
        payloadType: UInt8 = 96,
        ssrc: UInt32 = .random(in: .min ... .max),
        sequenceNumber: UInt16 = .random(in: .min ... .max),
        timestampOffset: UInt32 = .random(in: .min ... .max),
        maxPayloadSize: Int = H264Packetizer.defaultMaxPayloadSize
    ) {
        self.payloadType = payloadType
        self.ssrc = ssrc
        self.nextSequenceNumber = sequenceNumber
        self.timestampOffset = timestampOffset
        self.maxPayloadSize = min(max(maxPayloadSize, Self.minimumMaxPayloadSize), 65_000)
    }

    /// The RTP timestamp of an access unit's timestamp.
    public func rtpTimestamp(of timestamp: Int64) -> UInt32 {
        // RFC 3550 §5.1: timestamps are modulo 2³².
        UInt32(truncatingIfNeeded: timestamp) &+ timestampOffset
    }

    public mutating func packetize(_ unit: AccessUnit) -> [RTPPacket] {
        let timestamp = rtpTimestamp(of: unit.timestamp)
        var packets: [RTPPacket] = []
        packets.reserveCapacity(unit.byteCount / maxPayloadSize + unit.nalUnits.count + 1)
        var aggregated: [ArraySlice<UInt8>] = []
        var aggregatedByteCount = Self.stapHeaderSize

        for nalUnit in unit.nalUnits where !nalUnit.isEmpty {
            let byteCount = nalUnit.count + Self.stapLengthSize
            if aggregatedByteCount + byteCount > maxPayloadSize {
                flush(&aggregated, timestamp: timestamp, into: &packets)
                aggregatedByteCount = Self.stapHeaderSize
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

    private static let stapType: UInt8 = 24
    private static let fuType: UInt8 = 28
    private static let stapHeaderSize = 1
    private static let stapLengthSize = 2
    private static let fuHeaderSize = 2

    /// Sends what was gathered: one unit as it is (RFC 6184 §5.6), several as a STAP-A (§5.7.1).
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
        payload.reserveCapacity(nalUnits.reduce(Self.stapHeaderSize) { $0 + $1.count + Self.stapLengthSize })
        // §5.7.1: F is set when it is set in any unit, NRI is the highest of all.
        var forbiddenBit: UInt8 = 0
        var nalRefIDC: UInt8 = 0
        for header in nalUnits.lazy.compactMap(\.first) {
            forbiddenBit |= header & 0x80
            nalRefIDC = max(nalRefIDC, header & 0x60)
        }
        payload.append(forbiddenBit | nalRefIDC | Self.stapType)
        for nalUnit in nalUnits {
            // Units that don't fit in maxPayloadSize (at most 65 000) are not gathered.
            payload.appendBigEndian(UInt16(truncatingIfNeeded: nalUnit.count))
            payload.append(contentsOf: nalUnit)
        }
        packets.append(packet(timestamp: timestamp, payload: payload[...]))
    }

    /// RFC 6184 §5.8. All fragments of a unit are written into one array, which their payloads share.
    private mutating func appendFragments(
        of nalUnit: ArraySlice<UInt8>,
        timestamp: UInt32,
        to packets: inout [RTPPacket]
    ) {
        guard let header = nalUnit.first else { return }
        let indicator = header & 0xE0 | Self.fuType
        let type = header & 0x1F
        let fragmentSize = maxPayloadSize - Self.fuHeaderSize
        let data = nalUnit.dropFirst()
        let count = (data.count + fragmentSize - 1) / fragmentSize

        var storage: [UInt8] = []
        storage.reserveCapacity(data.count + count * Self.fuHeaderSize)
        var rest = data
        while !rest.isEmpty {
            let start: UInt8 = rest.count == data.count ? 0x80 : 0
            let end: UInt8 = rest.count <= fragmentSize ? 0x40 : 0
            storage.append(indicator)
            storage.append(start | end | type)
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

/// H.264 in RTP (RFC 6184, packetization-mode 1): single NAL units, STAP-A and FU-A.
public enum H264PayloadFormat: NALUnitPayloadFormat {
    public static var codec: VideoCodec { .h264 }
    public static var nalUnitHeaderSize: Int { 1 }
    public static var aggregateHeaderSize: Int { 1 }
    public static var fragmentHeaderSize: Int { 2 }

    private static let stapType: UInt8 = 24
    private static let fuType: UInt8 = 28

    /// RFC 6184 §5.7.1: F is set when it is set in any unit, NRI is the highest of all.
    public static func appendAggregateHeader(of nalUnits: [ArraySlice<UInt8>], to bytes: inout [UInt8]) {
        var forbiddenBit: UInt8 = 0
        var nalRefIDC: UInt8 = 0
        for header in nalUnits.lazy.compactMap(\.first) {
            forbiddenBit |= header & 0x80
            nalRefIDC = max(nalRefIDC, header & 0x60)
        }
        bytes.append(forbiddenBit | nalRefIDC | stapType)
    }

    /// RFC 6184 §5.8
    public static func appendFragmentHeader(
        of nalUnit: ArraySlice<UInt8>, isStart: Bool, isEnd: Bool, to bytes: inout [UInt8]
    ) {
        let header = nalUnit.first ?? 0
        bytes.append(header & 0xE0 | fuType)
        bytes.append((isStart ? 0x80 : 0) | (isEnd ? 0x40 : 0) | header & 0x1F)
    }

    public static func parse(_ payload: ArraySlice<UInt8>) throws(RTPPayloadError) -> NALUnitPayload {
        var reader = ByteReader(payload)
        guard let header = reader.readUInt8() else { throw .empty }
        switch header & 0x1F {
        case 1...23:
            return .unit(payload)
        case stapType:
            return try units(ofAggregate: reader, named: "a STAP-A")
        case fuType:
            guard let fuHeader = reader.readUInt8() else { throw .malformed("an FU-A has no header") }
            return .fragment(
                header: [header & 0xE0 | fuHeader & 0x1F], data: reader.rest, isStart: fuHeader & 0x80 != 0,
                isEnd: fuHeader & 0x40 != 0)
        case 0 where AnnexB.beginsWithStartCode(payload):
            // Some senders put a piece of byte stream into the packet (gortsplib issue 199).
            return .aggregate(AnnexB.split(payload))
        case let type:
            throw .unsupportedPacketization(type: type)
        }
    }

    /// A delimiter or parameter set, which come before the picture (H.264 §7.4.1.2.3), or the slice of macroblock 0.
    public static func place(of payload: ArraySlice<UInt8>) -> AccessUnitPlace {
        var reader = ByteReader(payload)
        guard let header = reader.readUInt8() else { return .unknown }
        let type: UInt8
        switch header & 0x1F {
        case stapType:
            guard reader.skip(2), let first = reader.readUInt8() else { return .unknown }
            type = first & 0x1F
        case fuType:
            guard let fuHeader = reader.readUInt8(), fuHeader & 0x80 != 0 else { return .unknown }
            type = fuHeader & 0x1F
        default:
            type = header & 0x1F
        }
        switch H264NALType(rawValue: type) {
        case .accessUnitDelimiter, .sps: return .beginning
        case .idrSlice, .nonIDRSlice:
            // first_mb_in_slice is the first ue(v) of the slice header (§7.3.3); a leading 1 bit codes 0.
            return reader.readUInt8().map { $0 & 0x80 != 0 ? .beginning : .middle } ?? .unknown
        case .sliceDataPartitionA, .sei, .pps, .endOfSequence, .endOfStream, .fillerData, .other: return .unknown
        }
    }
}

/// Cuts H.264 access units into packets.
public typealias H264Packetizer = NALUnitPacketizer<H264PayloadFormat>
/// Puts H.264 access units together.
public typealias H264Depacketizer = NALUnitDepacketizer<H264PayloadFormat>

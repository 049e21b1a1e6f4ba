/// H.265 in RTP (RFC 7798): single NAL units, aggregation packets and fragmentation units, in decoding order, that is
/// without the DONL fields that `sprop-max-don-diff` announces.
public enum H265PayloadFormat: NALUnitPayloadFormat {
    public static var codec: VideoCodec { .h265 }
    public static var nalUnitHeaderSize: Int { H265NALType.headerByteCount }
    public static var aggregateHeaderSize: Int { 2 }
    public static var fragmentHeaderSize: Int { 3 }

    private static let aggregationType: UInt8 = 48
    private static let fragmentationType: UInt8 = 49
    /// `forbidden_zero_bit`, and the highest bit of `nuh_layer_id`: what the type leaves of the header's first byte.
    private static let typeFreeBits: UInt8 = 0x81

    /// RFC 7798 §4.4.2: F is set when it is set in any unit; layer and temporal id are the lowest of all.
    public static func appendAggregateHeader(of nalUnits: [ArraySlice<UInt8>], to bytes: inout [UInt8]) {
        var forbiddenBit: UInt8 = 0
        var layerID: UInt16 = 0x3F
        var temporalID: UInt16 = 7
        for nalUnit in nalUnits {
            var reader = ByteReader(nalUnit)
            guard let header = reader.readUInt16() else { continue }
            forbiddenBit |= UInt8(truncatingIfNeeded: header >> 8) & 0x80
            layerID = min(layerID, header >> 3 & 0x3F)
            temporalID = min(temporalID, header & 7)
        }
        let low = layerID << 3 | temporalID
        bytes.append(forbiddenBit | aggregationType << 1 | UInt8(truncatingIfNeeded: low >> 8))
        bytes.append(UInt8(truncatingIfNeeded: low))
    }

    /// RFC 7798 §4.4.3
    public static func appendFragmentHeader(
        of nalUnit: ArraySlice<UInt8>, isStart: Bool, isEnd: Bool, to bytes: inout [UInt8]
    ) {
        let header = nalUnit.first ?? 0
        bytes.append(header & typeFreeBits | fragmentationType << 1)
        bytes.append(nalUnit.dropFirst().first ?? 0)
        bytes.append((isStart ? 0x80 : 0) | (isEnd ? 0x40 : 0) | header >> 1 & 0x3F)
    }

    public static func parse(_ payload: ArraySlice<UInt8>) throws(RTPPayloadError) -> NALUnitPayload {
        var reader = ByteReader(payload)
        guard let first = reader.readUInt8() else { throw .empty }
        guard let second = reader.readUInt8() else { throw .malformed("a NAL unit has half a header") }
        switch first >> 1 & 0x3F {
        // nuh_temporal_id_plus1 is never 0, so this is no NAL unit: as with H.264, a piece of byte stream.
        case 0 where second & 7 == 0 && AnnexB.beginsWithStartCode(payload):
            return .aggregate(AnnexB.split(payload))
        case 0..<aggregationType:
            return .unit(payload)
        case aggregationType:
            return try units(ofAggregate: reader, named: "an aggregation packet")
        case fragmentationType:
            guard let fuHeader = reader.readUInt8() else { throw .malformed("a fragmentation unit has no header") }
            return .fragment(
                header: [first & typeFreeBits | (fuHeader & 0x3F) << 1, second], data: reader.rest,
                isStart: fuHeader & 0x80 != 0, isEnd: fuHeader & 0x40 != 0)
        case let type:
            throw .unsupportedPacketization(type: type)
        }
    }

    /// A delimiter or parameter set, which come before the picture (H.265 §7.4.2.4.4), or its first slice segment.
    public static func place(of payload: ArraySlice<UInt8>) -> AccessUnitPlace {
        var reader = ByteReader(payload)
        guard var header = reader.readUInt8(), reader.skip(1) else { return .unknown }
        switch header >> 1 & 0x3F {
        case aggregationType:
            guard reader.skip(2), let first = reader.readUInt8(), reader.skip(1) else { return .unknown }
            header = first
        case fragmentationType:
            guard let fuHeader = reader.readUInt8(), fuHeader & 0x80 != 0 else { return .unknown }
            header = (fuHeader & 0x3F) << 1
        default: break
        }
        switch H265NALType(rawValue: header >> 1) {
        case .accessUnitDelimiter, .vps, .sps: return .beginning
        case .randomAccessSlice, .trailingSlice, .leadingSlice:
            // first_slice_segment_in_pic_flag is the first bit of the header (§7.3.6.1).
            return reader.readUInt8().map { $0 & 0x80 != 0 ? .beginning : .middle } ?? .unknown
        case .pps, .prefixSEI, .endOfSequence, .endOfBitstream, .fillerData, .other: return .unknown
        }
    }
}

/// Cuts H.265 access units into packets.
public typealias H265Packetizer = NALUnitPacketizer<H265PayloadFormat>
/// Puts H.265 access units together.
public typealias H265Depacketizer = NALUnitDepacketizer<H265PayloadFormat>

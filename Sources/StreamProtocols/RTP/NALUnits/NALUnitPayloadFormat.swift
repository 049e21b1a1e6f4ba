/// How the NAL units of one codec lie in RTP payloads: alone, several in an aggregate, or one in fragments.
public protocol NALUnitPayloadFormat: Sendable {
    static var codec: VideoCodec { get }
    /// Bytes of a NAL unit's own header, which its fragments don't repeat.
    static var nalUnitHeaderSize: Int { get }
    /// Bytes before the units of an aggregate; before each unit comes its length in two bytes.
    static var aggregateHeaderSize: Int { get }
    /// Bytes before the data of a fragment.
    static var fragmentHeaderSize: Int { get }

    /// Appends what an aggregate of the units begins with.
    static func appendAggregateHeader(of nalUnits: [ArraySlice<UInt8>], to bytes: inout [UInt8])
    /// Appends what a fragment of a unit begins with.
    static func appendFragmentHeader(of nalUnit: ArraySlice<UInt8>, isStart: Bool, isEnd: Bool, to bytes: inout [UInt8])

    /// Takes a payload apart.
    static func parse(_ payload: ArraySlice<UInt8>) throws(RTPPayloadError) -> NALUnitPayload
    /// Where in its access unit a packet stands, as far as its first NAL unit shows.
    static func place(of payload: ArraySlice<UInt8>) -> AccessUnitPlace
}

/// Where in its access unit a packet stands.
public enum AccessUnitPlace: Sendable, Equatable {
    /// It is the first, or misses no picture data before it.
    case beginning
    /// A slice that is not the first of its picture.
    case middle
    /// A later piece of a NAL unit, or something that is not told apart.
    case unknown
}

/// What one RTP payload holds.
public enum NALUnitPayload: Sendable, Equatable {
    case unit(ArraySlice<UInt8>)
    case aggregate([ArraySlice<UInt8>])
    /// A piece of one unit, whose header is given apart.
    case fragment(header: [UInt8], data: ArraySlice<UInt8>, isStart: Bool, isEnd: Bool)
}

extension NALUnitPayloadFormat {
    /// The units of an aggregate, each after its length in two bytes.
    static func units(ofAggregate rest: ByteReader, named name: String) throws(RTPPayloadError) -> NALUnitPayload {
        var reader = rest
        guard !reader.isAtEnd else { throw .malformed("\(name) holds no NAL unit") }
        var nalUnits: [ArraySlice<UInt8>] = []
        // Some cameras fill the packet up with zeros, which look like units without length; the last may be alone.
        while !reader.isAtEnd, !reader.rest.elementsEqual([0]) {
            guard let length = reader.readUInt16(), let nalUnit = reader.readBytes(Int(length)) else {
                throw .malformed("\(name) is shorter than the lengths in it")
            }
            if !nalUnit.isEmpty { nalUnits.append(nalUnit) }
        }
        return .aggregate(nalUnits)
    }
}

/// The parameter sets of a track, whatever its codec: what containers, descriptions and viewers need of them.
public enum VideoParameterSets: Sendable, Equatable {
    case h264(H264ParameterSets)
    case h265(H265ParameterSets)

    /// The parameter sets among the NAL units of an access unit; nil unless every kind that the codec needs is there.
    public init?(codec: TrackCodec, nalUnits: some Sequence<ArraySlice<UInt8>>) {
        switch codec {
        case .h264:
            guard let sets = H264ParameterSets(nalUnits: nalUnits) else { return nil }
            self = .h264(sets)
        case .h265:
            guard let sets = H265ParameterSets(nalUnits: nalUnits) else { return nil }
            self = .h265(sets)
        }
    }

    /// Reads the record of an `avcC` or `hvcC` box, as libav's extradata holds it; nil when it is malformed.
    public init?(codec: TrackCodec, decoderConfigurationRecord record: some Collection<UInt8>) {
        switch codec {
        case .h264:
            guard let sets = H264ParameterSets(avcDecoderConfigurationRecord: record) else { return nil }
            self = .h264(sets)
        case .h265:
            guard let sets = H265ParameterSets(hevcDecoderConfigurationRecord: record) else { return nil }
            self = .h265(sets)
        }
    }

    public var codec: TrackCodec {
        switch self {
        case .h264: .h264
        case .h265: .h265
        }
    }

    /// All sets in the order that a decoder wants them.
    public var nalUnits: [[UInt8]] {
        switch self {
        case .h264(let sets): sets.nalUnits
        case .h265(let sets): sets.nalUnits
        }
    }

    /// The codec for `CODECS` attributes and `MediaSource` (RFC 6381 §3.3, ISO/IEC 14496-15 annex E); nil when the SPS is
    /// damaged.
    public var codecString: String? {
        switch self {
        case .h264(let sets): sets.codecString
        case .h265(let sets):
            (try? H265SPS(sets.sps[...])).map { "hvc1.\($0.profileTierLevel.codecParameters)" }
        }
    }

    /// What the SPS says about the pictures; nil when it is damaged.
    public var pictureFormat: VideoPictureFormat? {
        switch self {
        case .h264(let sets): (try? H264SPS(sets.sps)).map { VideoPictureFormat($0) }
        case .h265(let sets): (try? H265SPS(sets.sps[...])).map { VideoPictureFormat($0) }
        }
    }

    /// The sample entry of an MP4 track; nil when the sets are damaged or too large for it.
    public var sampleEntry: FMP4SampleEntry? {
        guard let format = pictureFormat, let width = UInt16(exactly: format.width),
            let height = UInt16(exactly: format.height)
        else { return nil }
        return switch self {
        case .h264(let sets):
            sets.avcDecoderConfigurationRecord.map {
                .avc1(width: width, height: height, decoderConfigurationRecord: $0)
            }
        case .h265(let sets):
            sets.hevcDecoderConfigurationRecord.map {
                .hvc1(width: width, height: height, decoderConfigurationRecord: $0)
            }
        }
    }
}

extension TrackCodec {
    /// Bytes in a NAL unit's length when `extradata` (as libav has it) is an `avcC` or `hvcC` record; nil when it is
    /// not, and NAL units have start codes.
    public func nalUnitLengthSize(extradata: [UInt8]) -> Int? {
        // ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1: the record begins with version 1; a byte stream begins with a zero.
        let lengthSizeOffset =
            switch self {
            case .h264: 4
            case .h265: 21
            }
        guard extradata.count > lengthSizeOffset, extradata[0] == 1 else { return nil }
        return Int(extradata[lengthSizeOffset] & 3) + 1
    }
}

/// The parameter sets of pictures, whatever their codec.
extension MediaFormat {
    /// The parameter sets among the NAL units of a picture; nil unless every kind that the codec needs is there.
    public init?(codec: VideoCodec, nalUnits: some Sequence<ArraySlice<UInt8>>) {
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
    public init?(codec: VideoCodec, decoderConfigurationRecord record: some Collection<UInt8>) {
        switch codec {
        case .h264:
            guard let sets = H264ParameterSets(avcDecoderConfigurationRecord: record) else { return nil }
            self = .h264(sets)
        case .h265:
            guard let sets = H265ParameterSets(hevcDecoderConfigurationRecord: record) else { return nil }
            self = .h265(sets)
        }
    }

    /// The codec of pictures that are understood.
    public var videoCodec: VideoCodec? {
        switch self {
        case .h264: .h264
        case .h265: .h265
        case .aac, .opus, .g711, .mp3, .generic: nil
        }
    }

    /// All parameter sets in the order that a decoder wants them; none when they are not known.
    public var parameterSets: [[UInt8]] {
        switch self {
        case .h264(let sets): sets?.nalUnits ?? []
        case .h265(let sets): sets?.nalUnits ?? []
        case .aac, .opus, .g711, .mp3, .generic: []
        }
    }

    /// Remembers the parameter sets of a picture, and puts the current ones into a keyframe that comes without: viewers that began
    /// with others, and containers, need them there.
    public mutating func complete(_ sample: inout Sample) {
        guard learn(from: sample) == .none, sample.isRandomAccess, let codec = videoCodec else { return }
        let sets = parameterSets
        guard !sets.isEmpty else { return }
        // Behind the delimiter, if there is one (ITU-T H.264 §7.4.1.2.3, H.265 §7.4.2.4.4), and instead of an
        // incomplete set.
        var nalUnits = sample.nalUnits.filter { codec.kind(of: $0) != .parameterSet }
        let start = nalUnits.firstIndex { codec.kind(of: $0) != .accessUnitDelimiter } ?? nalUnits.endIndex
        nalUnits.insert(contentsOf: sets.map { $0[...] }, at: start)
        sample.payload = .nalUnits(nalUnits)
    }

    /// What the SPS says about the pictures; nil when it is damaged or not known.
    public var pictureFormat: VideoPictureFormat? {
        switch self {
        case .h264(let sets): sets.flatMap { try? H264SPS($0.sps) }.map { VideoPictureFormat($0) }
        case .h265(let sets): sets.flatMap { try? H265SPS($0.sps[...]) }.map { VideoPictureFormat($0) }
        case .aac, .opus, .g711, .mp3, .generic: nil
        }
    }
}

extension VideoCodec {
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

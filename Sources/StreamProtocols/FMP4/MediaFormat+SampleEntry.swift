extension MediaFormat {
    /// The sample entry of an MP4 track; nil for what none carries, and when too little is known of the format.
    public var sampleEntry: FMP4SampleEntry? {
        switch self {
        case .h264(let sets):
            guard let (width, height) = pictureSize, let record = sets?.avcDecoderConfigurationRecord else {
                return nil
            }
            return .avc1(width: width, height: height, decoderConfigurationRecord: record)
        case .h265(let sets):
            guard let (width, height) = pictureSize, let record = sets?.hevcDecoderConfigurationRecord else {
                return nil
            }
            return .hvc1(width: width, height: height, decoderConfigurationRecord: record)
        case .aac(let configuration): return .mp4a(configuration)
        case .opus(let channelCount): return .opus(channelCount: channelCount)
        case .mp3(let format): return format.map { .mp4a($0) }
        case .g711, .generic: return nil
        }
    }

    private var pictureSize: (width: UInt16, height: UInt16)? {
        guard let format = pictureFormat, let width = UInt16(exactly: format.width),
            let height = UInt16(exactly: format.height)
        else { return nil }
        return (width, height)
    }
}

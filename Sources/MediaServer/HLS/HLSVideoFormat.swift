import StreamProtocols

/// What the parameter sets of a stream say that containers and playlists need.
struct HLSVideoFormat: Sendable, Equatable {
    let media: MediaFormat
    let codec: VideoCodec
    let codecString: String
    let sampleEntry: FMP4SampleEntry
    private let picture: VideoPictureFormat

    /// nil when the sets are malformed, or of a picture that no container can describe.
    init?(_ media: MediaFormat) {
        guard
            let codec = media.videoCodec, let picture = media.pictureFormat, picture.width > 0, picture.height > 0,
            let codecString = media.codecString, let sampleEntry = media.sampleEntry
        else { return nil }
        self.media = media
        self.codec = codec
        self.codecString = codecString
        self.sampleEntry = sampleEntry
        self.picture = picture
    }

    var width: Int { picture.width }
    var height: Int { picture.height }
    /// Frames that are decoded before one that is shown earlier; ``DecodeTimeEstimator`` learns what was not announced.
    var reorderDepth: Int { picture.reorderDepth }
    /// The time between two pictures, 90 kHz.
    var nominalFrameDuration: Int64 { Int64((Double(HLSTimeline.clockRate) / nominalFrameRate).rounded()) }
    /// The frame rate by the usability information, 25 when it says none: only the first frames' times depend on it.
    private var nominalFrameRate: Double { picture.frameRate.map { min(max($0, 1), 240) } ?? 25 }
}

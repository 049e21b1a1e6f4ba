import StreamProtocols

/// What the parameter sets of a stream say that containers and playlists need.
struct HLSVideoFormat: Sendable, Equatable {
    let parameterSets: H264ParameterSets
    let width: Int
    let height: Int
    let codecString: String
    let decoderConfigurationRecord: [UInt8]
    /// Frames that are decoded before one that is shown earlier.
    let reorderDepth: Int
    /// The frame rate by the usability information, 25 when it says none: only the first frames' times depend on it.
    let nominalFrameRate: Double

    /// nil when the sets are malformed, or of a picture that no container can describe.
    init?(_ parameterSets: H264ParameterSets) {
        guard
            let sps = try? H264SPS(parameterSets.sps),
            let codecString = parameterSets.codecString,
            let record = parameterSets.avcDecoderConfigurationRecord,
            (1...Int(UInt16.max)).contains(sps.width), (1...Int(UInt16.max)).contains(sps.height)
        else { return nil }
        self.parameterSets = parameterSets
        width = sps.width
        height = sps.height
        self.codecString = codecString
        decoderConfigurationRecord = record
        reorderDepth = Self.reorderDepth(sps)
        nominalFrameRate = sps.frameRate.map { min(max($0, 1), 240) } ?? 25
    }

    /// The standard infers the largest possible depth when a stream announces none (H.264 E.2.1). Cameras that announce
    /// none hardly ever reorder, and encoders that do rarely go beyond two; ``DecodeTimeEstimator`` learns the rest.
    private static func reorderDepth(_ sps: H264SPS) -> Int {
        let inferred = sps.reorderDepth
        guard sps.maxNumReorderFrames == nil else { return inferred }
        return min(inferred, sps.maxNumReferenceFrames <= 1 ? 0 : 2)
    }
}

/// What a sequence parameter set says about the pictures, told alike for all codecs.
public struct VideoPictureFormat: Sendable, Equatable {
    /// The shown picture in pixels.
    public var width: Int
    public var height: Int
    /// 0 monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    public var chromaFormatIDC: UInt8
    public var bitDepthLuma: UInt8
    public var bitDepthChroma: UInt8
    /// Whether each coded picture is a whole frame.
    public var isProgressive: Bool
    /// Frames in a second; nil when not said. Cameras often say nothing, or nonsense.
    public var frameRate: Double?
    /// How many pictures can come before one that is shown earlier, as announced; nil when not said.
    public var announcedReorderDepth: Int?
    /// The same as announced, and what is likely where nothing is.
    public var reorderDepth: Int
}

extension VideoPictureFormat {
    init(_ sps: H264SPS) {
        // The standard infers the largest possible depth when a stream announces none (H.264 E.2.1). Cameras that
        // announce none hardly ever reorder, and encoders that do rarely go beyond two.
        let inferred = sps.reorderDepth
        let isAnnounced = sps.maxNumReorderFrames != nil
        self.init(
            width: sps.width, height: sps.height, chromaFormatIDC: sps.chromaFormatIDC,
            bitDepthLuma: sps.bitDepthLuma, bitDepthChroma: sps.bitDepthChroma, isProgressive: sps.isFrameMBsOnly,
            frameRate: sps.frameRate, announcedReorderDepth: sps.maxNumReorderFrames.map { Int($0) },
            reorderDepth: isAnnounced ? inferred : min(inferred, sps.maxNumReferenceFrames <= 1 ? 0 : 2))
    }

    init(_ sps: H265SPS) {
        self.init(
            width: sps.width, height: sps.height, chromaFormatIDC: sps.chromaFormatIDC,
            bitDepthLuma: sps.bitDepthLuma, bitDepthChroma: sps.bitDepthChroma, isProgressive: !sps.isFieldSequence,
            frameRate: sps.pictureRate, announcedReorderDepth: Int(sps.maxNumReorderPics),
            reorderDepth: Int(sps.maxNumReorderPics))
    }
}

/// What an ``Encoder`` is asked for, whatever its codec. What that codec's encoder can't take is refused by
/// ``Encoder/init(settings:backend:)``.
public struct EncoderSettings: Sendable, Hashable {
    /// The distance between two keyframes that were not requested.
    public enum KeyframeInterval: Sendable, Hashable {
        case frames(Int)
        /// By presentation time, so that a source slower than `fps` still gets its keyframes in time.
        case duration(Duration)
        /// No keyframes but the first and those that are requested: intra-coded blocks wander across the picture, once in so
        /// many pictures (x264's `intra-refresh`). Of H.264 on the CPU only.
        case refresh(Int)
    }

    /// Of H.264.
    public enum Profile: String, Sendable, CaseIterable {
        case baseline, main, high
    }

    /// How much work goes into a picture; each encoder has presets of its own for it.
    public enum Effort: Sendable, Hashable, CaseIterable {
        case fastest, fast, balanced, good, best
    }

    public var codec: Encoder.Codec
    /// Even; see ``ContainGeometry`` for how odd sizes are rounded.
    public var width: Int
    /// Even.
    public var height: Int
    /// The rate at which frames will come. It is written into the stream and `bitrateKbps / fps` is a frame's budget;
    /// presentation times stay the caller's.
    public var fps: Int
    /// Target in kb/s; nil encodes at constant quality under a ceiling derived from the picture size.
    public var bitrateKbps: Int?
    /// The ceiling in kb/s; nil for 1.1 times the bitrate.
    public var peakBitrateKbps: Int?
    /// Whether what the pictures leave of the bitrate is filled up. Needs `bitrateKbps`.
    public var isConstantBitrate = false
    /// Slices of each picture (H.264 3.147), which decoders can decode side by side. On the CPU only.
    public var slices = 1
    /// Pictures at most, one after the other, that are predicted from a later one too (B-frames); each of them makes a picture wait
    /// for one that is shown after it. On the CPU only.
    public var bFrames = 0
    public var effort: Effort
    public var keyframeInterval: KeyframeInterval
    public var profile: Profile
    /// What the pictures have; told to the viewers.
    public var colour: PictureColour
    /// Encoder threads; more than one splits each picture into that many slices, which costs quality.
    public var threads: Int

    public init(
        codec: Encoder.Codec = .h264,
        width: Int,
        height: Int,
        fps: Int,
        bitrateKbps: Int? = nil,
        effort: Effort = .balanced,
        keyframeInterval: KeyframeInterval = .duration(.seconds(1)),
        profile: Profile = .high,
        colour: PictureColour = .bt709,
        threads: Int = 1
    ) {
        self.codec = codec
        self.width = width
        self.height = height
        self.fps = fps
        self.bitrateKbps = bitrateKbps
        self.effort = effort
        self.keyframeInterval = keyframeInterval
        self.profile = profile
        self.colour = colour
        self.threads = threads
    }
}

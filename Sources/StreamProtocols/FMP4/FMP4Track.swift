/// One track of a fragmented MP4 presentation, as its initialization segment describes it.
public struct FMP4Track: Sendable, Equatable {
    /// Not 0, unique in the presentation (ISO/IEC 14496-12 §8.3.2).
    public var id: UInt32
    /// Time units per second of the track's samples.
    public var timescale: UInt32
    public var sampleEntry: FMP4SampleEntry

    public init(id: UInt32 = 1, timescale: UInt32 = 90_000, sampleEntry: FMP4SampleEntry) {
        self.id = id
        self.timescale = timescale
        self.sampleEntry = sampleEntry
    }
}

/// How the samples of a track are coded (ISO/IEC 14496-12 §8.5.2). A codec adds its own initializer in a file of its
/// own.
public struct FMP4SampleEntry: Sendable, Equatable {
    /// The name of its box, which is the brand of what conforms to it as well.
    let type: FourCharacterCode
    let medium: Medium
    /// The whole sample entry box.
    let box: [UInt8]

    enum Medium: Sendable, Equatable {
        /// Picture size in pixels.
        case video(width: UInt16, height: UInt16)
        case audio
    }
}

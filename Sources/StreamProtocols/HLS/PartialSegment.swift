/// A piece of a segment that players may load before the segment is finished (EXT-X-PART, RFC 8216bis §4.4.4.9).
public struct PartialSegment: Sendable, Equatable {
    /// Where the part is, relative to its playlist.
    public var uri: String
    public var duration: Duration
    /// INDEPENDENT: it holds a random access point.
    public var isIndependent: Bool

    public init(uri: String, duration: Duration, isIndependent: Bool) {
        self.uri = uri
        self.duration = duration
        self.isIndependent = isIndependent
    }

    var line: String {
        var attributes = HLSAttributeList()
        attributes.add("DURATION", seconds: duration)
        attributes.add("URI", quoted: uri)
        if isIndependent { attributes.add("INDEPENDENT", enumerated: "YES") }
        return "#EXT-X-PART:\(attributes.rendered)\n"
    }
}

/// What makes a ``MediaPlaylist`` one of low latency (RFC 8216bis §4.4.3.7 and §4.4.3.8).
public struct LowLatencyPlaylist: Sendable, Equatable {
    /// PART-TARGET; no part of the playlist is longer.
    public let partTarget: Duration
    /// CAN-SKIP-UNTIL: segments that are older may be left out of an update.
    public var skipBoundary: Duration
    /// EXT-X-SKIP: how many segments this update leaves out; ``MediaPlaylist/mediaSequence`` counts them.
    public var skippedSegments: Int
    /// What there is of the segment that comes next.
    public var unfinished: UnfinishedSegment?
    /// EXT-X-PRELOAD-HINT: the part that comes next.
    public var nextPartURI: String

    /// - Parameter partTarget: written in whole milliseconds, so it becomes up to one longer.
    public init(
        partTarget: Duration, skipBoundary: Duration, skippedSegments: Int = 0, unfinished: UnfinishedSegment? = nil,
        nextPartURI: String
    ) {
        self.partTarget = .milliseconds(Int64((partTarget / .milliseconds(1)).rounded(.up)))
        self.skipBoundary = skipBoundary
        self.skippedSegments = skippedSegments
        self.unfinished = unfinished
        self.nextPartURI = nextPartURI
    }

    /// How far behind the end players should stay: at least three parts (RFC 8216bis §4.4.3.8).
    public var partHoldBack: Duration { partTarget * 3 }

    /// How many parts ahead a player may ask for (RFC 8216bis §6.2.5.2, "Advance Part Limit").
    public var advancePartLimit: Int {
        partTarget >= .seconds(1) ? 3 : Int((Duration.seconds(3) / partTarget).rounded(.up))
    }

    /// The tags before the first segment.
    var head: String {
        var control = HLSAttributeList()
        control.add("CAN-BLOCK-RELOAD", enumerated: "YES")
        control.add("PART-HOLD-BACK", seconds: partHoldBack)
        control.add("CAN-SKIP-UNTIL", seconds: skipBoundary)
        var information = HLSAttributeList()
        information.add("PART-TARGET", seconds: partTarget)
        return "#EXT-X-SERVER-CONTROL:\(control.rendered)\n#EXT-X-PART-INF:\(information.rendered)\n"
    }

    var hint: String {
        var attributes = HLSAttributeList()
        attributes.add("TYPE", enumerated: "PART")
        attributes.add("URI", quoted: nextPartURI)
        return "#EXT-X-PRELOAD-HINT:\(attributes.rendered)\n"
    }
}

/// A segment of which only parts are there.
public struct UnfinishedSegment: Sendable, Equatable {
    public var isDiscontinuity: Bool
    public var programDateTime: ProgramDateTime
    public var initialization: MediaInitialization?
    public var parts: [PartialSegment]

    public init(
        isDiscontinuity: Bool, programDateTime: ProgramDateTime, initialization: MediaInitialization?,
        parts: [PartialSegment]
    ) {
        self.isDiscontinuity = isDiscontinuity
        self.programDateTime = programDateTime
        self.initialization = initialization
        self.parts = parts
    }
}

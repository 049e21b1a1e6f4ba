import StreamModel

/// What the encoder of an output has counted since it started, and what it measured last.
public struct OutputCounters: Hashable, Sendable {
    /// Pictures that came from the transmission.
    public var framesIn: Int
    public var framesOut: Int
    /// Pictures that newer ones pushed out, or that the engine was too slow for.
    public var framesDropped: Int
    /// Pictures that were encoded once more because no new one came in time.
    public var framesRepeated: Int
    /// To all engine paths that the encoding is published on.
    public var bytesOut: Int
    /// The time that all pictures together took to scale and encode.
    public var encodeSeconds: Double
    /// The same for one picture, lately.
    public var encodeMilliseconds: Double?
    /// From the capture of a picture until it was handed to the publisher, lately.
    public var delayMilliseconds: Double?
    /// Pictures a second that went out lately.
    public var fps: Double?
    /// Kilobits a second that went out lately, on one path.
    public var bitrateKbps: Double?

    init(_ status: RenditionStatus) {
        framesIn = status.framesReceived
        framesOut = status.framesSent
        framesDropped = status.framesDropped
        framesRepeated = status.framesRepeated
        bytesOut = status.bytesSent
        encodeSeconds = status.encodeSeconds
        encodeMilliseconds = status.encodeMilliseconds
        delayMilliseconds = status.delayMilliseconds
        fps = status.framesPerSecond
        bitrateKbps = status.bitrateKbps
    }

    /// The members of an answer; counters are zero and measurements null while nothing runs.
    static func json(_ counters: OutputCounters?) -> [String: JSONValue] {
        [
            "frames_in": .integer(counters?.framesIn ?? 0), "frames_out": .integer(counters?.framesOut ?? 0),
            "frames_dropped": .integer(counters?.framesDropped ?? 0),
            "frames_repeated": .integer(counters?.framesRepeated ?? 0),
            "bytes_out": .integer(counters?.bytesOut ?? 0),
            "encode_seconds": .number(counters?.encodeSeconds ?? 0),
            "encode_ms": JSONValue(counters?.encodeMilliseconds), "delay_ms": JSONValue(counters?.delayMilliseconds),
            "fps": JSONValue(counters?.fps), "bitrate_kbps": JSONValue(counters?.bitrateKbps),
        ]
    }
}

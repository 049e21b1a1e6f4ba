/// A track as RTP carries it: what viewers must know to play it, and publishers to send it.
public struct RTPFormat: Sendable, Equatable {
    public var media: MediaFormat
    /// The RTP payload type, 0…127; dynamic ones begin at 96.
    public var payloadType: UInt8
    /// Hz of the timestamps.
    public var clockRate: UInt32
    /// How AAC lies in the packets; the other formats leave no choice.
    public var aacPacking: AACPacking

    /// - Parameter clockRate: nil for the usual one of the format.
    public init(
        _ media: MediaFormat, payloadType: UInt8 = 96, clockRate: UInt32? = nil, aacPacking: AACPacking = .highBitrate
    ) {
        self.media = media
        self.payloadType = payloadType
        self.clockRate = clockRate ?? media.clockRate
        self.aacPacking = aacPacking
    }

    /// How it is sent to viewers, however it came: AAC has its usual packing.
    public var served: RTPFormat {
        var format = self
        format.aacPacking = .highBitrate
        return format
    }
}

extension MediaFormat {
    /// The payload type that means this format without a word more (RFC 3551 tables 4 and 5); nil where there is none.
    public var fixedPayloadType: UInt8? {
        switch self {
        case .g711(.mu, sampleRate: 8000, channelCount: 1): 0
        case .g711(.a, sampleRate: 8000, channelCount: 1): 8
        case .mp3: 14
        case .h264, .h265, .aac, .opus, .g711, .generic: nil
        }
    }
}

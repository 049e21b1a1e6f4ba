/// The video codecs that are understood, by their RTP encoding name (IANA "RTP Payload Format media types").
public enum VideoCodec: String, Sendable, CaseIterable {
    case h264 = "H264"
    case h265 = "H265"

    /// The RTP clock rate in Hz, the same for both (RFC 6184 §8.2.1, RFC 7798 §7.2.1).
    public static let clockRate: UInt32 = 90_000

    /// The codec of an RTP encoding name, compared without case (RFC 4855 §3); nil when it is not supported.
    public init?(encodingName: String) {
        guard let codec = Self.allCases.first(where: { $0.rawValue.equalsIgnoringASCIICase(encodingName) }) else {
            return nil
        }
        self = codec
    }
}

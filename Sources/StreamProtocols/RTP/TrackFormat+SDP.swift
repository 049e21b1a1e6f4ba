/// Why a media section can't become a track.
public enum TrackFormatError: Error, Equatable, CustomStringConvertible {
    case unsupportedCodec(name: String)
    case unsupportedPacketizationMode(Int)
    case unsupportedDecodingOrder(maxDONDifference: Int)
    case noFormat

    public var description: String {
        switch self {
        case .unsupportedCodec(let name):
            "The codec \(name) is not supported; set the sender to H.264 or H.265."
        case .unsupportedPacketizationMode(let mode):
            "H.264 packetization-mode \(mode) is not supported; set the sender to mode 0 or 1."
        case .unsupportedDecodingOrder(let difference):
            "H.265 with sprop-max-don-diff \(difference) is not supported; set the sender to send in decoding order."
        case .noFormat:
            "The media section names no payload type that could be played."
        }
    }
}

extension TrackFormat {
    /// The track that a media section describes: the first of its payload types whose codec is supported.
    public init(media: MediaDescription) throws(TrackFormatError) {
        var firstError: TrackFormatError?
        for payloadType in media.payloadTypes {
            let name = media.rtpMap(for: payloadType)?.encodingName ?? "of payload type \(payloadType)"
            do throws(TrackFormatError) {
                switch TrackCodec(encodingName: name) {
                case .h264: self = try .h264(media: media, payloadType: payloadType)
                case .h265: self = try .h265(media: media, payloadType: payloadType)
                case nil: throw .unsupportedCodec(name: printable(name.utf8))
                }
                return
            } catch {
                firstError = firstError ?? error
            }
        }
        throw firstError ?? .noFormat
    }

    /// The media section that describes this track.
    ///
    /// - Parameter control: the URL to set the track up with, usually relative (`trackID=0`).
    public func mediaDescription(control: String? = nil) -> MediaDescription {
        var attributes = [
            SDPAttribute(
                "rtpmap",
                SDPRTPMap(payloadType: payloadType, encodingName: codec.rawValue, clockRate: clockRate).description
            )
        ]
        if let formatParameters { attributes.append(SDPAttribute("fmtp", "\(payloadType) \(formatParameters)")) }
        if let control { attributes.append(SDPAttribute("control", control)) }
        return MediaDescription(kind: .video, formats: [String(payloadType)], attributes: attributes)
    }

    /// The `fmtp` value; nil when there is nothing to say.
    private var formatParameters: String? {
        switch (codec, parameterSets) {
        case (.h264, .h264(let sets)): "packetization-mode=1; \(sets.formatParameters)"
        case (.h264, _): "packetization-mode=1"
        case (.h265, .h265(let sets)): sets.formatParameters
        case (.h265, _): nil
        }
    }

    /// Cuts access units of this track into packets of a new stream.
    public func makePacketizer(
        ssrc: UInt32 = .random(in: .min ... .max),
        sequenceNumber: UInt16 = .random(in: .min ... .max),
        timestampOffset: UInt32 = .random(in: .min ... .max),
        maxPayloadSize: Int = NALUnitPacketizerLimits.defaultMaxPayloadSize
    ) -> any RTPPacketizer {
        func make<Format: NALUnitPayloadFormat>(_: Format.Type) -> any RTPPacketizer {
            NALUnitPacketizer<Format>(
                payloadType: payloadType,
                ssrc: ssrc,
                sequenceNumber: sequenceNumber,
                timestampOffset: timestampOffset,
                maxPayloadSize: maxPayloadSize
            )
        }
        return switch codec {
        case .h264: make(H264PayloadFormat.self)
        case .h265: make(H265PayloadFormat.self)
        }
    }

    /// Puts access units of this track together.
    public func makeDepacketizer() -> any RTPDepacketizer {
        switch codec {
        case .h264: H264Depacketizer()
        case .h265: H265Depacketizer()
        }
    }
}

extension TrackCodec {
    /// The codec of an RTP encoding name, compared without case (RFC 4855 §3); nil when it is not supported.
    public init?(encodingName: String) {
        guard let codec = Self.allCases.first(where: { $0.rawValue.equalsIgnoringASCIICase(encodingName) }) else {
            return nil
        }
        self = codec
    }
}

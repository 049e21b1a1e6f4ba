/// Why a media section can't become a track.
public enum TrackFormatError: Error, Equatable, CustomStringConvertible {
    case unsupportedCodec(name: String)
    case unsupportedPacketizationMode(Int)
    case noFormat

    public var description: String {
        switch self {
        case .unsupportedCodec(let name):
            "The codec \(name) is not supported; set the sender to H.264."
        case .unsupportedPacketizationMode(let mode):
            "H.264 packetization-mode \(mode) is not supported; set the sender to mode 0 or 1."
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
        let parameters =
            switch codec {
            case .h264: h264FormatParameters
            }
        attributes.append(SDPAttribute("fmtp", "\(payloadType) \(parameters)"))
        if let control { attributes.append(SDPAttribute("control", control)) }
        return MediaDescription(kind: .video, formats: [String(payloadType)], attributes: attributes)
    }

    /// Cuts access units of this track into packets of a new stream.
    public func makePacketizer(
        ssrc: UInt32 = .random(in: .min ... .max),
        sequenceNumber: UInt16 = .random(in: .min ... .max),
        timestampOffset: UInt32 = .random(in: .min ... .max),
        maxPayloadSize: Int = H264Packetizer.defaultMaxPayloadSize
    ) -> any RTPPacketizer {
        switch codec {
        case .h264:
            H264Packetizer(
                payloadType: payloadType,
                ssrc: ssrc,
                sequenceNumber: sequenceNumber,
                timestampOffset: timestampOffset,
                maxPayloadSize: maxPayloadSize
            )
        }
    }

    /// Puts access units of this track together.
    public func makeDepacketizer() -> any RTPDepacketizer {
        switch codec {
        case .h264: H264Depacketizer()
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

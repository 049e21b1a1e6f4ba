/// Why a media section can't become a track.
public enum TrackFormatError: Error, Equatable, CustomStringConvertible {
    case unsupportedCodec(name: String)
    case unsupportedClockRate(TrackCodec, clockRate: UInt32)
    case unsupportedPacketizationMode(Int)
    case unsupportedDecodingOrder(maxDONDifference: Int)
    case noFormat

    public var description: String {
        switch self {
        case .unsupportedCodec(let name):
            "The codec \(name) is not supported; set the sender to H.264 or H.265, which have \(TrackCodec.clockRate) Hz."
        case .unsupportedClockRate(let codec, let clockRate):
            "\(codec.rawValue) with an RTP clock rate of \(clockRate) Hz is not supported; "
                + "set the sender to \(TrackCodec.clockRate) Hz."
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
        let index = SDPFormatIndex(media.attributes)
        var firstError: TrackFormatError?
        for payloadType in media.payloadTypes {
            do throws(TrackFormatError) {
                self = try Self.track(
                    payloadType, map: index.maps[payloadType], parameters: index.parameters[payloadType] ?? [:])
                return
            } catch {
                firstError = firstError ?? error
            }
        }
        throw firstError ?? .noFormat
    }

    private static func track(
        _ payloadType: UInt8, map: SDPRTPMap?, parameters: [String: String]
    ) throws(TrackFormatError) -> TrackFormat {
        let name = map?.encodingName ?? "of payload type \(payloadType)"
        guard let map, let codec = TrackCodec(encodingName: name) else {
            throw .unsupportedCodec(name: printable(name.utf8))
        }
        guard map.clockRate == TrackCodec.clockRate else {
            throw .unsupportedClockRate(codec, clockRate: map.clockRate)
        }
        let parameterSets: VideoParameterSets? =
            switch codec {
            case .h264: try H264ParameterSets(formatParameters: parameters).map { .h264($0) }
            case .h265: try H265ParameterSets(formatParameters: parameters).map { .h265($0) }
            }
        return TrackFormat(codec: codec, payloadType: payloadType, parameterSets: parameterSets)
    }

    /// The media section that describes this track.
    ///
    /// - Parameter control: the URL to set the track up with, usually relative (`trackID=0`).
    public func mediaDescription(control: String? = nil) -> MediaDescription {
        var attributes = [
            SDPAttribute(
                "rtpmap",
                SDPRTPMap(payloadType: payloadType, encodingName: codec.rawValue, clockRate: TrackCodec.clockRate)
                    .description
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
    ///
    /// - Parameter trustsMarker: see ``NALUnitDepacketizer``.
    public func makeDepacketizer(trustsMarker: Bool = true) -> any RTPDepacketizer {
        switch codec {
        case .h264: H264Depacketizer(trustsMarker: trustsMarker)
        case .h265: H265Depacketizer(trustsMarker: trustsMarker)
        }
    }
}

/// Why a media section can't become a track.
public enum RTPFormatError: Error, Equatable, CustomStringConvertible {
    case unsupportedCodec(name: String)
    case unsupportedClockRate(VideoCodec, clockRate: UInt32)
    case unsupportedPacketizationMode(Int)
    case unsupportedDecodingOrder(maxDONDifference: Int)
    case noFormat

    public var description: String {
        switch self {
        case .unsupportedCodec(let name):
            "The codec \(name) is not supported; set the sender to H.264 or H.265, which have \(VideoCodec.clockRate) Hz."
        case .unsupportedClockRate(let codec, let clockRate):
            "\(codec.rawValue) with an RTP clock rate of \(clockRate) Hz is not supported; "
                + "set the sender to \(VideoCodec.clockRate) Hz."
        case .unsupportedPacketizationMode(let mode):
            "H.264 packetization-mode \(mode) is not supported; set the sender to mode 0 or 1."
        case .unsupportedDecodingOrder(let difference):
            "H.265 with sprop-max-don-diff \(difference) is not supported; set the sender to send in decoding order."
        case .noFormat:
            "The media section names no payload type that could be played."
        }
    }
}

extension RTPFormat {
    /// The track that a media section describes: the first of its payload types whose format is understood.
    public init(media: MediaDescription) throws(RTPFormatError) {
        let index = SDPFormatIndex(media.attributes)
        var firstError: RTPFormatError?
        for payloadType in media.payloadTypes {
            do throws(RTPFormatError) {
                self = try Self.track(
                    payloadType, map: index.maps[payloadType] ?? SDPRTPMap.fixed[payloadType],
                    parameters: index.parameters[payloadType] ?? [:])
                return
            } catch {
                firstError = firstError ?? error
            }
        }
        throw firstError ?? .noFormat
    }

    /// The track that a media section describes, also when it can only be passed on: by its first payload type then.
    ///
    /// - Throws: when it names no RTP payload type, does not say how fast its clock runs, or is of a codec that never
    ///   has such a clock.
    public init(passingOn media: MediaDescription) throws(RTPFormatError) {
        do throws(RTPFormatError) {
            try self.init(media: media)
        } catch {
            if case .unsupportedClockRate = error { throw error }
            let index = SDPFormatIndex(media.attributes)
            guard let payloadType = media.payloadTypes.first,
                let map = index.maps[payloadType] ?? SDPRTPMap.fixed[payloadType]
            else { throw error }
            let format = GenericFormat(
                kind: media.kind, encodingName: map.encodingName, clockRate: map.clockRate, channelCount: map.channels,
                formatParameters: index.parameterTexts[payloadType])
            self.init(.generic(format), payloadType: payloadType)
        }
    }

    /// The track of one payload type.
    static func track(
        _ payloadType: UInt8, map: SDPRTPMap?, parameters: [String: String]
    ) throws(RTPFormatError) -> RTPFormat {
        let name = map?.encodingName ?? "of payload type \(payloadType)"
        if let map, let codec = VideoCodec(encodingName: name) {
            guard map.clockRate == VideoCodec.clockRate else {
                throw .unsupportedClockRate(codec, clockRate: map.clockRate)
            }
            let media: MediaFormat =
                switch codec {
                case .h264: .h264(try H264ParameterSets(formatParameters: parameters))
                case .h265: .h265(try H265ParameterSets(formatParameters: parameters))
                }
            return RTPFormat(media, payloadType: payloadType)
        }
        guard let map, let format = sound(map, parameters) else {
            throw .unsupportedCodec(name: printable(name.utf8))
        }
        return format
    }

    /// nil for what is not understood.
    private static func sound(_ map: SDPRTPMap, _ parameters: [String: String]) -> RTPFormat? {
        let channelCount = map.channels ?? 1
        guard (1...255).contains(channelCount) else { return nil }
        func format(_ media: MediaFormat) -> RTPFormat? {
            map.clockRate == media.clockRate ? RTPFormat(media, payloadType: map.payloadType) : nil
        }
        switch map.encodingName.lowercased() {
        case "mpeg4-generic":
            guard let packing = AACPacking(formatParameters: parameters),
                let configuration = parameters["config"].flatMap(Hex.bytes).flatMap({ AACConfiguration($0) })
            else { return nil }
            return RTPFormat(
                .aac(configuration), payloadType: map.payloadType, clockRate: map.clockRate, aacPacking: packing)
        case "mp4a-latm":
            // RFC 6416 §7.4.1: without `cpresent` the configuration is in the stream.
            guard parameters["cpresent"] == "0",
                let configuration = parameters["config"].flatMap(Hex.bytes).flatMap({ LATMConfiguration($0) })
            else { return nil }
            return RTPFormat(
                .aac(configuration.audio), payloadType: map.payloadType, clockRate: map.clockRate, aacPacking: .latm)
        case "opus": return format(.opus(channelCount: parameters["sprop-stereo"] == "1" ? 2 : 1))
        case "pcmu": return format(.g711(.mu, sampleRate: map.clockRate, channelCount: channelCount))
        case "pcma": return format(.g711(.a, sampleRate: map.clockRate, channelCount: channelCount))
        case "mpa": return format(.mp3(nil))
        default: return nil
        }
    }

    /// The media section that describes this track.
    ///
    /// - Parameter control: the URL to set the track up with, usually relative (`trackID=0`).
    public func mediaDescription(control: String? = nil) -> MediaDescription {
        let (name, channels) = encoding
        var attributes = [
            SDPAttribute(
                "rtpmap",
                SDPRTPMap(payloadType: payloadType, encodingName: name, clockRate: clockRate, channels: channels)
                    .description
            )
        ]
        if let formatParameters { attributes.append(SDPAttribute("fmtp", "\(payloadType) \(formatParameters)")) }
        if let control { attributes.append(SDPAttribute("control", control)) }
        return MediaDescription(kind: media.kind, formats: [String(payloadType)], attributes: attributes)
    }

    /// The RTP encoding name, and the number of channels where it is written.
    private var encoding: (name: String, channels: Int?) {
        switch media {
        case .h264: (VideoCodec.h264.rawValue, nil)
        case .h265: (VideoCodec.h265.rawValue, nil)
        case .aac(let configuration): ("MPEG4-GENERIC", configuration.channelCount)
        // RFC 7587 §7: always two.
        case .opus: ("opus", 2)
        case .g711(let law, _, let channelCount): (law.rawValue, channelCount == 1 ? nil : channelCount)
        case .mp3: ("MPA", nil)
        case .generic(let format): (format.encodingName, format.channelCount)
        }
    }

    /// The `fmtp` value; nil when there is nothing to say.
    private var formatParameters: String? {
        switch media {
        case .h264(let sets):
            (["packetization-mode=1"] + (sets.map { [$0.formatParameters] } ?? [])).joined(separator: "; ")
        case .h265(let sets): sets?.formatParameters
        case .aac(let configuration): AACPacking.highBitrateParameters(configuration)
        case .opus(let channelCount): channelCount > 1 ? "sprop-stereo=1" : nil
        case .g711, .mp3: nil
        case .generic(let format): format.formatParameters
        }
    }

    /// Cuts samples of this track into packets of a new stream; AAC as AAC-hbr.
    public func makePacketizer(
        ssrc: UInt32 = .random(in: .min ... .max),
        sequenceNumber: UInt16 = .random(in: .min ... .max),
        timestampOffset: UInt32 = .random(in: .min ... .max),
        maxPayloadSize: Int = RTPPayloadSize.standard
    ) -> any RTPPacketizer {
        let numbering = RTPNumbering(
            payloadType: payloadType, ssrc: ssrc, sequenceNumber: sequenceNumber, timestampOffset: timestampOffset)
        func frames(_ format: some FramePayloadFormat) -> any RTPPacketizer {
            FramePacketizer(format, numbering: numbering, maxPayloadSize: maxPayloadSize)
        }
        return switch media {
        case .h264: H264Packetizer(numbering: numbering, maxPayloadSize: maxPayloadSize)
        case .h265: H265Packetizer(numbering: numbering, maxPayloadSize: maxPayloadSize)
        case .aac:
            frames(AACPayloadFormat(sizeLength: 13, indexLength: 3, indexDeltaLength: 3, frameDuration: frameDuration))
        case .opus: frames(OpusPayloadFormat())
        case .g711(_, _, let channelCount): frames(G711PayloadFormat(channelCount: channelCount))
        case .mp3: frames(MPEGAudioPayloadFormat())
        case .generic: GenericPacketizer(numbering: numbering)
        }
    }

    /// Puts samples of this track together.
    ///
    /// - Parameter trustsMarker: see ``NALUnitDepacketizer``.
    public func makeDepacketizer(trustsMarker: Bool = true) -> any RTPDepacketizer {
        switch (media, aacPacking) {
        case (.h264, _): H264Depacketizer(trustsMarker: trustsMarker)
        case (.h265, _): H265Depacketizer(trustsMarker: trustsMarker)
        case (.aac, .accessUnitHeaders(let sizeLength, let indexLength, let indexDeltaLength)):
            FrameDepacketizer(
                AACPayloadFormat(
                    sizeLength: sizeLength, indexLength: indexLength, indexDeltaLength: indexDeltaLength,
                    frameDuration: frameDuration))
        case (.aac, .latm): FrameDepacketizer(LATMPayloadFormat(frameDuration: frameDuration))
        case (.opus, _): FrameDepacketizer(OpusPayloadFormat())
        case (.g711(_, _, let channelCount), _): FrameDepacketizer(G711PayloadFormat(channelCount: channelCount))
        case (.mp3, _): FrameDepacketizer(MPEGAudioPayloadFormat())
        case (.generic, _): GenericDepacketizer()
        }
    }

    /// Of AAC, whose frames are alike.
    private var frameDuration: Int64 { media.duration(of: [], clockRate: clockRate) }
}

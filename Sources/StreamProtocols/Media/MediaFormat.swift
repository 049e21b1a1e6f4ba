/// What a track carries, and what a decoder must know of it before the first sample.
public enum MediaFormat: Sendable, Equatable {
    /// H.264 pictures, and their parameter sets when they are known; those in the stream are newer.
    case h264(H264ParameterSets?)
    /// H.265 pictures, likewise.
    case h265(H265ParameterSets?)
    /// MPEG-4 AAC.
    case aac(AACConfiguration)
    case opus(channelCount: Int)
    case g711(G711Law, sampleRate: UInt32, channelCount: Int)
    /// MPEG-1 or MPEG-2 audio of any layer, mostly the third; what its frames say of themselves, when one is known.
    case mp3(MPEGAudioFormat?)
    /// Something that is passed on unread.
    case generic(GenericFormat)
}

/// The two ways of G.711 to write a sample in eight bits.
public enum G711Law: String, Sendable, CaseIterable {
    /// µ-law (RFC 3551 §4.5.14).
    case mu = "PCMU"
    /// A-law.
    case a = "PCMA"
}

/// A format that is not looked into, as its description tells it.
public struct GenericFormat: Sendable, Equatable {
    public var kind: MediaDescription.Kind
    /// By RTP (IANA "RTP Payload Format media types").
    public var encodingName: String
    public var clockRate: UInt32
    public var channelCount: Int?
    /// The `fmtp` value, as it came.
    public var formatParameters: String?

    public init(
        kind: MediaDescription.Kind, encodingName: String, clockRate: UInt32, channelCount: Int? = nil,
        formatParameters: String? = nil
    ) {
        self.kind = kind
        self.encodingName = encodingName
        self.clockRate = clockRate
        self.channelCount = channelCount
        self.formatParameters = formatParameters
    }
}

extension MediaFormat {
    /// A video codec without parameter sets.
    public init(_ codec: VideoCodec) {
        switch codec {
        case .h264: self = .h264(nil)
        case .h265: self = .h265(nil)
        }
    }

    public var kind: MediaDescription.Kind {
        switch self {
        case .h264, .h265: .video
        case .aac, .opus, .g711, .mp3: .audio
        case .generic(let format): format.kind
        }
    }

    /// The usual RTP clock rate in Hz; that of sound in AAC is a choice of its sender (RFC 3640 §3.3.1, RFC 6416 §6.1).
    public var clockRate: UInt32 {
        switch self {
        case .h264, .h265: VideoCodec.clockRate
        case .aac(let configuration): configuration.outputSampleRate
        case .opus: OpusPacket.clockRate
        case .g711(_, let sampleRate, _): sampleRate
        case .mp3: MPEGAudioFormat.clockRate
        case .generic(let format): format.clockRate
        }
    }

    /// As MediaMTX's control API names it.
    public var name: String {
        switch self {
        case .h264: "H264"
        case .h265: "H265"
        case .aac: "MPEG-4 Audio"
        case .opus: "Opus"
        case .g711: "G711"
        case .mp3: "MPEG-1/2 Audio"
        case .generic(let format): format.name
        }
    }

    /// Whether a track of this format can go on with samples of the other: what viewers were told still holds. What samples say
    /// of themselves may differ.
    public func isCompatible(with other: MediaFormat) -> Bool {
        switch (self, other) {
        case (.h264, .h264), (.h265, .h265), (.mp3, .mp3): true
        default: self == other
        }
    }

    /// The codec for `CODECS` attributes and `MediaSource` (RFC 6381 §3.3, ISO/IEC 14496-15 annex E); nil when it has none, or
    /// the parameter sets are not known or damaged.
    public var codecString: String? {
        switch self {
        case .h264(let sets): sets?.codecString
        case .h265(let sets):
            sets.flatMap { try? H265SPS($0.sps[...]) }.map { "hvc1.\($0.profileTierLevel.codecParameters)" }
        case .aac(let configuration): "mp4a.40.\(configuration.signalledObjectType)"
        case .opus: "opus"
        // Audio object type 34 is layer 3 (ISO/IEC 14496-3 table 1.17), by which Apple's players know MP3.
        case .mp3: "mp4a.40.34"
        case .g711, .generic: nil
        }
    }

    /// How long a frame of sound lasts, in units of a clock rate; 0 for anything else.
    public func duration(of frame: ArraySlice<UInt8>, clockRate: UInt32) -> Int64 {
        let (sampleCount, sampleRate): (Int, UInt32) =
            switch self {
            case .aac(let configuration): (configuration.frameLength, configuration.sampleRate)
            case .opus: (OpusPacket.sampleCount(of: frame), OpusPacket.clockRate)
            case .g711(_, let sampleRate, let channelCount): (frame.count / max(channelCount, 1), sampleRate)
            case .mp3:
                MPEGAudioHeader(frame).map { ($0.format.samplesPerFrame, $0.format.sampleRate) } ?? (0, 1)
            case .h264, .h265, .generic: (0, 1)
            }
        return Int64(sampleCount) * Int64(clockRate) / Int64(max(sampleRate, 1))
    }

    /// What a sample says of its format.
    public enum News: Sendable {
        /// Nothing, or not enough.
        case none
        /// What was known.
        case known
        case changed
    }

    /// Takes over what a sample says of its format: the parameter sets of a picture, what a frame of MP3 is.
    public mutating func learn(from sample: Sample) -> News {
        let learned: MediaFormat? =
            switch (self, sample.payload) {
            case (.h264, .nalUnits(let nalUnits)): H264ParameterSets(nalUnits: nalUnits).map { .h264($0) }
            case (.h265, .nalUnits(let nalUnits)): H265ParameterSets(nalUnits: nalUnits).map { .h265($0) }
            case (.mp3, .frame(let frame)): MPEGAudioHeader(frame).map { .mp3($0.format) }
            default: nil
            }
        guard let learned else { return .none }
        guard learned != self else { return .known }
        self = learned
        return .changed
    }
}

extension GenericFormat {
    /// MediaMTX's name for the encoding, or the encoding's own where it only says "Generic".
    var name: String {
        let name = encodingName.lowercased()
        return switch name {
        case "jpeg": "M-JPEG"
        case "mpv": "MPEG-1/2 Video"
        case "mp4v-es": "MPEG-4 Video"
        case "mpeg4-generic": "MPEG-4 Audio"
        case "mp4a-latm": "MPEG-4 Audio LATM"
        case "ac3": "AC-3"
        case "opus", "multiopus": "Opus"
        case "vorbis": "Vorbis"
        case "speex": "Speex"
        case "pcmu", "pcma": "G711"
        case "l8", "l16", "l24": "LPCM"
        case "mpa": "MPEG-1/2 Audio"
        case "mp2t": "MPEG-TS"
        case "smpte336m": "KLV"
        case "av1", "vp8", "vp9", "g722": name.uppercased()
        default: name.hasPrefix("g726") ? "G726" : String(encodingName.prefix(64))
        }
    }
}

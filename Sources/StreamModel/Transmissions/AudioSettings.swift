/// What viewers of an output hear.
public enum AudioChoice: String, CaseIterable, Codable, Sendable {
    /// The camera's sound as it is where the protocol carries it, else encoded.
    case auto
    case off
    /// The camera's sound as it is, or none where the protocol does not carry it.
    case copy
    case aac, opus, mp3, pcmu, pcma
    /// Nothing is heard, but there is a track of sound: some recorders and players want one.
    case silence
}

/// What sound can be encoded as.
public enum AudioCodec: String, CaseIterable, Codable, Sendable {
    case aac, opus, mp3
    /// G.711, µ-law and A-law.
    case pcmu, pcma
}

/// What an output asks of its sound.
public struct AudioSettings: Hashable, Sendable, Codable {
    public var choice: AudioChoice
    /// Of sound that is encoded; nil for the codec's usual one.
    public var bitrateKbps: Int?
    /// Hz, likewise.
    public var sampleRate: Int?
    /// 1 or 2; nil for as many as the camera has.
    public var channelCount: Int?

    enum CodingKeys: String, CodingKey {
        case choice
        case bitrateKbps = "bitrate_kbps"
        case sampleRate = "sample_rate"
        case channelCount = "channels"
    }

    public static let bitrateRangeKbps = 8...320
    public static let sampleRateRange = 8000...48_000
    public static let channelRange = 1...2

    public static let auto = AudioSettings(.auto)
    public static let off = AudioSettings(.off)

    public init(
        _ choice: AudioChoice, bitrateKbps: Int? = nil, sampleRate: Int? = nil, channelCount: Int? = nil
    ) {
        self.choice = choice
        self.bitrateKbps = bitrateKbps
        self.sampleRate = sampleRate
        self.channelCount = channelCount
    }

    init(reading reader: ObjectReader, for protocol: OutputProtocol) {
        choice = reader.choice("audio", default: .auto)
        bitrateKbps = reader.optionalInteger("audio_bitrate_kbps", in: Self.bitrateRangeKbps)
        sampleRate = reader.optionalInteger("audio_sample_rate", in: Self.sampleRateRange)
        channelCount = reader.optionalInteger("audio_channels", in: Self.channelRange)
        if let (problem, member) = problem(with: `protocol`) { reader.report(problem, at: member) }
    }

    var json: [String: JSONValue] {
        [
            "audio": .string(choice.rawValue), "audio_bitrate_kbps": JSONValue(bitrateKbps),
            "audio_sample_rate": JSONValue(sampleRate), "audio_channels": JSONValue(channelCount),
        ]
    }

    /// The codec of sound that has to be encoded for viewers of a protocol; nil where none is.
    public func codec(for protocol: OutputProtocol) -> AudioCodec? {
        switch choice {
        case .off, .copy: nil
        case .auto, .silence: `protocol` == .webrtc ? .opus : .aac
        case .aac: .aac
        case .opus: .opus
        case .mp3: .mp3
        case .pcmu: .pcmu
        case .pcma: .pcma
        }
    }

    // MARK: What can't be had

    /// What is wrong with the settings for viewers of a protocol, and of which field.
    private func problem(with protocol: OutputProtocol) -> (CodedMessage, String)? {
        guard let codec = codec(for: `protocol`), choice != .silence else {
            return givenMember.map { member in
                (
                    CodedMessage(
                        "audio_nothing_to_choose",
                        "With audio '\(choice.rawValue)' there is no bitrate, sample rate, or number of channels to choose.",
                        ["audio": .string(choice.rawValue)]), member
                )
            }
        }
        guard `protocol`.carries(codec) else {
            return (
                CodedMessage(
                    "audio_not_carried",
                    "\(`protocol`.displayName) carries no \(codec.displayName). Choose \(`protocol`.audioChoices), or auto.",
                    [
                        "protocol": .string(`protocol`.displayName), "codec": .string(codec.displayName),
                        "choices": .string(`protocol`.audioChoices),
                    ]), "audio"
            )
        }
        return problem(with: codec)
    }

    private func problem(with codec: AudioCodec) -> (CodedMessage, String)? {
        if let sampleRate, !codec.sampleRates.contains(sampleRate) {
            let rates = codec.sampleRates.map(String.init).joined(separator: ", ")
            return (
                CodedMessage(
                    "audio_sample_rate", "\(codec.displayName) has no \(sampleRate) Hz, but \(rates).",
                    ["codec": .string(codec.displayName), "rate": .integer(sampleRate), "rates": .string(rates)]),
                "audio_sample_rate"
            )
        }
        if codec.isFixed, bitrateKbps != nil || channelCount ?? 1 != 1 {
            return (
                CodedMessage("audio_g711_fixed", "G.711 is always mono, and has 64 kbit/s."),
                bitrateKbps == nil ? "audio_channels" : "audio_bitrate_kbps"
            )
        }
        let range = codec.bitrateRangeKbps(
            sampleRate: sampleRate ?? codec.usualSampleRate, channelCount: channelCount ?? 2)
        if let bitrateKbps, !range.contains(bitrateKbps) {
            return (
                CodedMessage(
                    "audio_bitrate",
                    "\(codec.displayName) of this sample rate and these channels has \(range.lowerBound) to "
                        + "\(range.upperBound) kbit/s.",
                    [
                        "codec": .string(codec.displayName), "minimum": .integer(range.lowerBound),
                        "maximum": .integer(range.upperBound),
                    ]), "audio_bitrate_kbps"
            )
        }
        return nil
    }

    private var givenMember: String? {
        if bitrateKbps != nil { return "audio_bitrate_kbps" }
        if sampleRate != nil { return "audio_sample_rate" }
        return channelCount == nil ? nil : "audio_channels"
    }
}

extension OutputProtocol {
    /// Whether viewers of it can be sent the codec. Our HLS is in MPEG-TS.
    public func carries(_ codec: AudioCodec) -> Bool {
        switch self {
        case .rtsp: true
        case .hls: codec == .aac || codec == .mp3
        case .webrtc: codec == .opus || codec.isFixed
        }
    }

    fileprivate var displayName: String {
        switch self {
        case .hls: "HLS"
        case .rtsp: "RTSP"
        case .webrtc: "WebRTC"
        }
    }

    fileprivate var audioChoices: String {
        AudioCodec.allCases.filter(carries).map(\.rawValue).joined(separator: ", ")
    }
}

extension AudioCodec {
    fileprivate var displayName: String {
        switch self {
        case .aac: "AAC"
        case .opus: "Opus"
        case .mp3: "MP3"
        case .pcmu, .pcma: "G.711"
        }
    }

    /// Whether it leaves nothing to choose: 8000 Hz, mono, 64 kbit/s (RFC 3551 §4.5.14).
    fileprivate var isFixed: Bool { self == .pcmu || self == .pcma }

    /// Hz, of all that it has and that is of use.
    public var sampleRates: [Int] {
        switch self {
        case .aac, .mp3: [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
        case .opus: [8000, 12_000, 16_000, 24_000, 48_000]
        case .pcmu, .pcma: [8000]
        }
    }

    /// Hz, where nothing else is asked for: what every player has.
    public var usualSampleRate: Int { isFixed ? 8000 : 48_000 }

    fileprivate func bitrateRangeKbps(sampleRate: Int, channelCount: Int) -> ClosedRange<Int> {
        let range = AudioSettings.bitrateRangeKbps
        switch self {
        case .opus: return range.lowerBound...min(range.upperBound, 256 * channelCount)
        // 6144 bits a frame of 1024 samples and channel (ISO/IEC 14496-3 §4.5.1.1).
        case .aac: return range.lowerBound...min(range.upperBound, 6 * sampleRate * channelCount / 1000)
        // MPEG-1 (ISO/IEC 11172-3 §2.4.2.3), MPEG-2 with half its rates, and MPEG-2.5 with a quarter of them.
        case .mp3: return sampleRate >= 32_000 ? 32...320 : sampleRate >= 16_000 ? 8...160 : 8...64
        case .pcmu, .pcma: return 64...64
        }
    }
}

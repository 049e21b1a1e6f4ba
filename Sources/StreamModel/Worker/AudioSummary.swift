/// The sound of a camera, or what viewers of an output hear.
public struct AudioSummary: Hashable, Sendable, Codable {
    /// As libav names it.
    public var codec: String
    /// Hz; 0 where nobody tells.
    public var sampleRate: Int
    /// Likewise.
    public var channels: Int

    enum CodingKeys: String, CodingKey {
        case codec, channels
        case sampleRate = "sample_rate"
    }

    public init(codec: String, sampleRate: Int, channels: Int) {
        self.codec = codec
        self.sampleRate = sampleRate
        self.channels = channels
    }

    public var json: JSONValue {
        ["codec": .string(codec), "sample_rate": .integer(sampleRate), "channels": .integer(channels)]
    }

    /// nil for sound that is never encoded.
    public var audioCodec: AudioCodec? {
        switch codec {
        case "aac": .aac
        case "opus": .opus
        case "mp3": .mp3
        case "pcm_mulaw": .pcmu
        case "pcm_alaw": .pcma
        default: nil
        }
    }

    /// The codec as people know it.
    public var codecName: String {
        switch codec {
        case "aac": "AAC"
        case "opus": "Opus"
        case "mp3": "MP3"
        // By RTP it may be of any layer.
        case "mp2": "MPEG audio"
        case "pcm_mulaw": "G.711 µ-law"
        case "pcm_alaw": "G.711 A-law"
        case "adpcm_g722": "G.722"
        case let name where name.hasPrefix("adpcm_g726"): "G.726"
        case let name where name.hasPrefix("pcm_"): "PCM"
        default: codec.uppercased()
        }
    }

    /// Half a sentence: `AAC, 16 kHz, mono`.
    ///
    /// - Parameter bitrateKbps: nil where nobody has measured it.
    public func described(bitrateKbps: Double? = nil) -> CodedMessage {
        guard sampleRate > 0, channels > 0 else {
            return CodedMessage("sound_codec", codecName, ["codec": .string(codecName)])
        }
        let tenths = (sampleRate + 50) / 100
        let rate = tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
        let parameters: [String: JSONValue] = [
            "codec": .string(codecName), "rate": .string(rate), "channels": channelsDescribed.json,
        ]
        let text = "\(codecName), \(rate) kHz, \(channelsDescribed.text)"
        guard let bitrateKbps else { return CodedMessage("sound_format", text, parameters) }
        let kbps = Int(min(max(bitrateKbps, 0), 1e6).rounded())
        return CodedMessage(
            "sound_format_bitrate", "\(text), \(kbps) kb/s", parameters.merging(["kbps": .integer(kbps)]) { $1 })
    }

    private var channelsDescribed: CodedMessage {
        switch channels {
        case 1: CodedMessage("sound_mono", "mono")
        case 2: CodedMessage("sound_stereo", "stereo")
        default: CodedMessage("sound_channels", "\(channels) channels", ["count": .string("\(channels)")])
        }
    }
}

import StreamProtocols

/// What a viewer says that it plays (`codecs` of RFC 6381), by which the tracks that it gets are chosen.
///
/// Families are compared, not profiles: browsers are asked for one profile of each, and play the others too.
struct MP4Codecs: Sendable, Equatable {
    /// Nil plays everything.
    private let names: [String]?

    private static let lengthLimit = 1024
    /// MP3, as players differ in calling it.
    private static let mp3Names = ["mp4a.6b", "mp4a.69", "mp4a.40.34", "mp3"]

    static let all = MP4Codecs(String?.none)

    /// - Parameter text: names with commas between.
    init(_ text: (some StringProtocol)?) {
        names = text.map { text in
            text.prefix(Self.lengthLimit).lowercased().split(separator: ",").map { String($0.filter { $0 != " " }) }
        }
    }

    /// What the codec of a format is called to the viewer; nil when the viewer does not play it, or no MP4 carries it.
    func name(of media: MediaFormat) -> String? {
        guard let name = media.codecString ?? media.family, let names else { return media.codecString ?? media.family }
        switch media {
        case .h264: return names.contains { $0.hasPrefix("avc1") || $0.hasPrefix("avc3") } ? name : nil
        case .h265: return names.contains { $0.hasPrefix("hvc1") || $0.hasPrefix("hev1") } ? name : nil
        case .aac:
            return names.contains { $0 == "mp4a" || $0.hasPrefix("mp4a.40") && !Self.mp3Names.contains($0) }
                ? name : nil
        case .mp3: return Self.mp3Names.first { names.contains($0) }.map { $0 == "mp4a.6b" ? "mp4a.6B" : $0 }
        case .opus: return names.contains("opus") ? name : nil
        case .g711, .generic: return nil
        }
    }

    /// The tracks that the viewer gets: the first with pictures, and the first with sound that it plays; nothing when the stream has
    /// pictures and the viewer plays none of them.
    func tracks(of formats: [RTPFormat]) -> (video: Int?, audio: Int?) {
        let pictures = formats.indices.filter { formats[$0].media.videoCodec != nil }
        let video = pictures.first { name(of: formats[$0].media) != nil }
        guard video != nil || pictures.isEmpty else { return (nil, nil) }
        let audio = formats.indices.first {
            HLSAudioFormat(formats[$0], container: .fmp4) != nil && name(of: formats[$0].media) != nil
        }
        return (video, audio)
    }
}

extension MediaFormat {
    /// The name of pictures whose parameter sets are not known yet.
    fileprivate var family: String? {
        switch videoCodec {
        case .h264: "avc1"
        case .h265: "hvc1"
        case nil: nil
        }
    }
}

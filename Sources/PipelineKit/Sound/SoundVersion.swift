import StreamModel
import StreamProtocols

/// One of the sounds that a rendition publishes beside its pictures.
enum SoundVersion: Hashable, Sendable {
    /// As the camera sends it.
    case copied
    case encoded(SoundEncoding)

    var encoding: SoundEncoding? {
        if case .encoded(let encoding) = self { encoding } else { nil }
    }
}

extension PathSound {
    /// What is published for the viewers of the path, in the order of its description. What is encoded goes on as silence while the
    /// camera has none; only what `auto` makes of it depends on there being any.
    func versions(of camera: KnownSound) -> [SoundVersion] {
        switch settings.choice {
        case .off: return []
        case .copy: return camera.format == nil ? [] : [.copied]
        case .auto: return camera.format.map(automatic) ?? []
        case .silence, .aac, .opus, .mp3, .pcmu, .pcma:
            return unique { viewers in viewers.first.flatMap(settings.codec).map { encoded($0, camera) } }
        }
    }

    /// Whether the first picture waits for the first of it. MediaMTX, whose HLS leaves the holes of a sound open, places the tracks beside
    /// each other by when something of each came first, whatever the reports say; the built-in engine reads those. What is copied
    /// comes beside its picture, or may never come; what is encoded comes later, by what the encoder takes, and always.
    func isAwaited(_ version: SoundVersion) -> Bool {
        leavesHoles && protocols.contains(.hls) && version.encoding != nil
    }

    /// Whether the camera decides what there is.
    var dependsOnCamera: Bool {
        switch settings.choice {
        case .auto, .copy: true
        case .aac, .opus, .mp3: settings.channelCount == nil
        case .off, .silence, .pcmu, .pcma: false
        }
    }

    private func automatic(_ format: RTPFormat) -> [SoundVersion] {
        unique { viewers in
            guard !isPlayed(format.media, by: viewers) else { return .copied }
            return viewers.first.flatMap(settings.codec).map { encoded($0, .format(format)) }
        }
    }

    /// Whether all viewers can be sent sound as it is, and are well served with it.
    private func isPlayed(_ media: MediaFormat, by viewers: Set<OutputProtocol>) -> Bool {
        guard viewers.allSatisfy({ $0.carries(media) }), !media.isUncompressed else { return false }
        guard viewers.contains(.hls) else { return true }
        // Browsers play MP3 by HLS away from its picture, or not at all, and stop where some of it is missing.
        if case .mp3 = media { return false }
        return !leavesHoles
    }

    /// WebRTC carries nothing that the others like best, so a path with both has two sounds, that of WebRTC behind: who takes the
    /// first one of a description, as most do by RTSP, gets what everybody plays.
    private func unique(_ version: (Set<OutputProtocol>) -> SoundVersion?) -> [SoundVersion] {
        [protocols.subtracting([.webrtc]), protocols.intersection([.webrtc])].filter { !$0.isEmpty }
            .compactMap(version).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func encoded(_ codec: AudioCodec, _ camera: KnownSound) -> SoundVersion {
        let isSilent = settings.choice == .silence
        let isMono = codec == .pcmu || codec == .pcma || isSilent
        return .encoded(
            SoundEncoding(
                codec: codec, sampleRate: settings.sampleRate ?? codec.usualSampleRate,
                channelCount: isMono ? 1 : settings.channelCount ?? min(camera.format?.media.soundChannelCount ?? 1, 2),
                bitrateKbps: settings.bitrateKbps, isSilent: isSilent))
    }
}

extension OutputProtocol {
    /// Whether viewers can be sent sound as it is.
    func carries(_ format: MediaFormat) -> Bool { self == .rtsp || format.audioCodec.map(carries) ?? false }
}

extension MediaFormat {
    /// nil for sound that we never encode.
    fileprivate var audioCodec: AudioCodec? {
        switch self {
        case .aac: .aac
        case .opus: .opus
        case .mp3: .mp3
        case .g711(.mu, sampleRate: 8000, channelCount: 1): .pcmu
        case .g711(.a, sampleRate: 8000, channelCount: 1): .pcma
        case .h264, .h265, .g711, .generic: nil
        }
    }

    /// Ten times as many bits as it takes, and what few viewers understand.
    fileprivate var isUncompressed: Bool {
        if case .generic(let format) = self { format.encodingName.lowercased() == "l16" } else { false }
    }

    /// Channels of sound; two where only its frames tell.
    fileprivate var soundChannelCount: Int {
        switch self {
        case .aac(let configuration): configuration.channelCount
        case .opus(let channelCount), .g711(_, _, let channelCount): channelCount
        case .mp3(let format): format?.channelCount ?? 2
        case .generic(let format): format.channelCount ?? 1
        case .h264, .h265: 0
        }
    }
}

import StreamModel
import StreamProtocols

/// What a rendition demands of a camera whose stream is to be passed on without decoding.
///
/// A setting that all outputs of the rendition leave open demands nothing: the defaults of the reference (1280×720, 12 fps)
/// are what an output is encoded with, not what a camera has to send to be good enough.
struct CopyTerms: Sendable, Equatable {
    /// A viewer of HLS waits for as long as this.
    static let maximumKeyframeSeconds = 4.0
    /// While it is copied, a camera may stumble once: for an H.265 viewer, encoding costs the connection.
    static let maximumKeyframeSecondsWhileCopied = 10.0
    /// Clocks and measurements are not exact.
    static let fpsTolerance = 1.05
    /// A camera may exceed the output's bitrate by so much before it is encoded…
    static let bitrateTolerance = 1.0
    /// …and by so much while it is copied, so that one near the limit does not alternate.
    static let bitrateToleranceWhileCopied = 1.2
    /// An H.264 stream whose SPS announces reordering is watched for so many pictures before it is believed to do without.
    static let reorderPatience = 100

    /// Nil when open.
    var size: Resolution?
    /// Nil when open.
    var fps: Int?
    /// Nil when open.
    var bitrateKbps: Int?
    /// Whether the output asks for what a camera isn't asked, such as a profile or slices.
    var requiresEncoding: Bool
    /// How the rendition is watched; not every viewer can decode every codec.
    var protocols: Set<OutputProtocol>
    /// The only one that is wanted; nil leaves it to the camera and the protocols.
    var codec: PictureCodec?
    /// Who watches by WebRTC.
    var webRTC: WebRTCAudience

    init(
        size: Resolution? = nil, fps: Int? = nil, bitrateKbps: Int? = nil, requiresEncoding: Bool = false,
        protocols: Set<OutputProtocol> = Set(OutputProtocol.allCases), codec: PictureCodec? = nil,
        webRTC: WebRTCAudience = .everybody
    ) {
        self.size = size
        self.fps = fps
        self.bitrateKbps = bitrateKbps
        self.requiresEncoding = requiresEncoding
        self.protocols = protocols
        self.codec = codec
        self.webRTC = webRTC
    }

    /// - Parameters:
    ///   - outputs: those of the transmission that are switched on.
    ///   - destinations: likewise. One that shares the encoding of outputs demands nothing else than they do.
    ///   - webRTC: who watches by it.
    init(
        _ encoding: Encoding, outputs: [TransmissionOutput], destinations: [StreamDestination] = [],
        webRTC: WebRTCAudience = .everybody
    ) {
        let isOfRest = webRTC == .rest
        // They get H.264 of what the others leave to the camera, and destinations that want that have their own.
        var asked = encoding
        if isOfRest { asked.video.codec = nil }
        let sharing = outputs.filter { Encoding(of: $0) == asked }
        let pushed = isOfRest ? [] : destinations.filter { Encoding(of: $0) == encoding }
        let namesSize = sharing.contains(where: \.namesSize) || pushed.contains(where: \.namesSize)
        let namesFPS = sharing.contains(where: \.namesFPS) || pushed.contains(where: \.namesFPS)
        self.init(
            size: namesSize ? Resolution(width: encoding.width, height: encoding.height) : nil,
            fps: namesFPS ? encoding.fps : nil, bitrateKbps: encoding.bitrateKbps,
            requiresEncoding: encoding.video.requiresEncoding,
            // Without an output, the path is there for everybody.
            protocols: sharing.isEmpty ? Set(OutputProtocol.allCases) : Set(sharing.map(\.protocol)),
            codec: encoding.video.codec, webRTC: webRTC)
    }

    /// Whether the camera's stream can be passed on.
    func verdict(on facts: CameraFacts, route: CopyRoute, isCopied: Bool) -> CopyVerdict {
        if requiresEncoding {
            return .encode(
                CodedMessage(
                    "copy_encoder_settings", "the output asks for settings that only our own encoder has"))
        }
        if let objection = codecObjection(to: facts, isForced: route.isForced) { return .encode(objection) }
        if facts.isRefreshedGradually, protocols != [.rtsp] {
            return .encode(
                CodedMessage(
                    "copy_no_keyframes",
                    "the camera sends no keyframes but refreshes its pictures bit by bit, which browsers can't join"))
        }
        guard let picture = facts.picture else {
            return .wait(CodedMessage("copy_no_parameters", "the camera has not sent its parameters yet"))
        }
        let objection =
            pictureObjection(to: picture, hasBFrames: facts.hasBFrames)
            ?? rateObjection(to: facts, route: route, isCopied: isCopied)
        if let objection { return .encode(objection) }
        guard let depth = picture.announcedReorderDepth, depth > 0 else { return .copy }
        switch facts.videoCodec {
        // Every H.265 stream has to say how much it reorders (`sps_max_num_reorder_pics`), and there is no B-frame to be
        // waited for that the viewers would not pay for with their connection.
        case .h265: return .encode(CodedMessage("copy_announced_b_frames", "the camera announces B-frames"))
        case .h264, nil:
            guard facts.packetCount < Self.reorderPatience else { return .copy }
            return .wait(
                CodedMessage(
                    "copy_watched_for_b_frames", "the camera announces B-frames, and is being watched for them"))
        }
    }

    /// Whether H.265 may be passed on: browsers play it or not, whoever watches by RTSP can choose the player. Who forces
    /// it has chosen the browser too, but no browser can be relied upon to take it by WebRTC: those that don't have to have a rendition
    /// of their own. Whoever names a codec takes that alone.
    func allowsH265(isForced: Bool) -> Bool {
        if let codec { return codec == .h265 }
        return protocols.allSatisfy { `protocol` in
            switch `protocol` {
            case .rtsp: true
            case .hls: isForced
            case .webrtc: webRTC == .takersOfH265
            }
        }
    }

    private func codecObjection(to facts: CameraFacts, isForced: Bool) -> CodedMessage? {
        if let codec {
            guard facts.videoCodec != VideoCodec(codec) else { return nil }
            let sent = facts.videoCodec?.displayName ?? facts.codec.uppercased()
            return CodedMessage(
                "copy_other_codec", "\(codec.displayName) is wanted, and the camera sends \(sent)",
                ["wanted": .string(codec.displayName), "sent": .string(sent)])
        }
        return switch facts.videoCodec {
        case .h264: nil
        case .h265 where allowsH265(isForced: isForced): nil
        case .h265 where protocols.contains(.webrtc):
            CodedMessage("copy_h265_webrtc", "the camera sends H.265, which not every browser takes by WebRTC")
        case .h265:
            CodedMessage(
                "copy_h265",
                "the camera sends H.265, which not every browser plays; bypass_mode force_on copies it all the same")
        case nil:
            CodedMessage(
                "copy_codec", "the camera sends \(facts.codec.uppercased()), and viewers need H.264",
                ["codec": .string(facts.codec.uppercased())])
        }
    }

    private func pictureObjection(to picture: VideoPictureFormat, hasBFrames: Bool) -> CodedMessage? {
        if picture.chromaFormatIDC != 1 || picture.bitDepthLuma != 8 || picture.bitDepthChroma != 8 {
            return CodedMessage("copy_colours", "the camera sends a colour format that not every player can show")
        }
        if !picture.isProgressive {
            return CodedMessage("copy_interlaced", "the camera sends interlaced pictures")
        }
        if hasBFrames {
            return CodedMessage(
                "copy_b_frames", "the camera sends B-frames, which delay the picture and which WebRTC can't show")
        }
        guard let size, (size.width, size.height) != (picture.width & ~1, picture.height & ~1) else { return nil }
        let (wanted, sent) = ("\(size.width)×\(size.height)", "\(picture.width)×\(picture.height)")
        return CodedMessage(
            "copy_size", "the output wants \(wanted), the camera sends \(sent)",
            ["wanted": .string(wanted), "sent": .string(sent)])
    }

    private func rateObjection(to facts: CameraFacts, route: CopyRoute, isCopied: Bool) -> CodedMessage? {
        if let sent = facts.framesPerSecond {
            let shown = Int(sent.rounded())
            if let fps, sent > Double(fps) * Self.fpsTolerance {
                return CodedMessage(
                    "copy_fps", "the output wants at most \(fps) fps, the camera sends \(shown)",
                    ["wanted": .string("\(fps)"), "sent": .string("\(shown)")])
            }
            if let reducer = route.reducerFPS, sent > reducer * Self.fpsTolerance {
                return CodedMessage(
                    "copy_reduced", "the pipeline reduces the camera's \(shown) fps", ["sent": .string("\(shown)")])
            }
        }
        let tolerance = isCopied ? Self.bitrateToleranceWhileCopied : Self.bitrateTolerance
        if let bitrateKbps, let sent = facts.bitrateKbps, sent > Double(bitrateKbps) * tolerance {
            let shown = Int(sent.rounded())
            return CodedMessage(
                "copy_bitrate", "the output wants at most \(bitrateKbps) kb/s, the camera sends \(shown)",
                ["wanted": .string("\(bitrateKbps)"), "sent": .string("\(shown)")])
        }
        // A frame's time more, because the last picture of a group ends with the next group.
        let limit = isCopied ? Self.maximumKeyframeSecondsWhileCopied : Self.maximumKeyframeSeconds
        if let seconds = facts.keyframeSeconds, seconds > limit + 0.1 {
            return CodedMessage(
                "copy_keyframes", "the camera's keyframes are more than \(Int(limit)) s apart",
                ["seconds": .string("\(Int(limit))")])
        }
        return nil
    }
}

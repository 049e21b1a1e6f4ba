import StreamModel
import StreamProtocols

/// What a rendition demands of a camera whose stream is to be passed on without decoding.
///
/// A setting that all outputs of the rendition leave open demands nothing: the defaults of the reference (1280×720, 12 fps)
/// are what an output is encoded with, not what a camera has to send to be good enough.
struct CopyTerms: Sendable, Equatable {
    /// A viewer of HLS waits for as long as this.
    static let maximumKeyframeSeconds = 4.0
    /// Clocks and measurements are not exact.
    static let fpsTolerance = 1.05
    /// A camera may exceed the output's bitrate by so much before it is encoded…
    static let bitrateTolerance = 1.0
    /// …and by so much while it is copied, so that one near the limit does not alternate.
    static let bitrateToleranceWhileCopied = 1.2
    /// A stream whose SPS announces reordering is watched for so many pictures before it is believed to do without.
    static let reorderPatience = 100

    /// Nil when open.
    var size: Resolution?
    /// Nil when open.
    var fps: Int?
    /// Nil when open.
    var bitrateKbps: Int?

    init(size: Resolution? = nil, fps: Int? = nil, bitrateKbps: Int? = nil) {
        self.size = size
        self.fps = fps
        self.bitrateKbps = bitrateKbps
    }

    /// - Parameter outputs: those of the transmission that are switched on.
    init(_ encoding: Encoding, outputs: [TransmissionOutput]) {
        let sharing = outputs.filter { Encoding(of: $0) == encoding }
        let namesSize = sharing.contains {
            $0.resolution != nil || $0.unknownFields["width"] != nil || $0.unknownFields["height"] != nil
        }
        let namesFPS = sharing.contains { $0.fpsLimit != nil || $0.unknownFields["fps"] != nil }
        self.init(
            size: namesSize ? Resolution(width: encoding.width, height: encoding.height) : nil,
            fps: namesFPS ? encoding.fps : nil, bitrateKbps: encoding.bitrateKbps)
    }

    /// Why the camera's stream can't be passed on, as half a sentence; nil when it can.
    func objection(to facts: CameraFacts, route: CopyRoute, isCopied: Bool) -> String? {
        formatObjection(to: facts) ?? sizeObjection(to: facts)
            ?? rateObjection(to: facts, route: route, isCopied: isCopied)
    }

    private func formatObjection(to facts: CameraFacts) -> String? {
        switch facts.codec {
        case "h264": break
        case "hevc": return "the camera sends H.265, and H.264 plays in every browser"
        default: return "the camera sends \(facts.codec.uppercased()), and viewers need H.264"
        }
        guard let sps = facts.sps else { return "the camera has not sent its parameters yet" }
        if sps.chromaFormatIDC != 1 || sps.bitDepthLuma != 8 || sps.bitDepthChroma != 8 {
            return "the camera sends a colour format that browsers can't show"
        }
        if !sps.isFrameMBsOnly { return "the camera sends interlaced pictures" }
        if facts.hasBFrames { return "the camera sends B-frames, which WebRTC can't show" }
        if let depth = sps.maxNumReorderFrames, depth > 0, facts.packetCount < Self.reorderPatience {
            return "the camera announces B-frames, and is being watched for them"
        }
        return nil
    }

    private func sizeObjection(to facts: CameraFacts) -> String? {
        guard let size, let sps = facts.sps, (size.width, size.height) != (sps.width & ~1, sps.height & ~1) else {
            return nil
        }
        return "the output wants \(size.width)×\(size.height), the camera sends \(sps.width)×\(sps.height)"
    }

    private func rateObjection(to facts: CameraFacts, route: CopyRoute, isCopied: Bool) -> String? {
        if let sent = facts.framesPerSecond {
            let shown = Int(sent.rounded())
            if let fps, sent > Double(fps) * Self.fpsTolerance {
                return "the output wants at most \(fps) fps, the camera sends \(shown)"
            }
            if let reducer = route.reducerFPS, sent > reducer * Self.fpsTolerance {
                return "the pipeline reduces the camera's \(shown) fps"
            }
        }
        let tolerance = isCopied ? Self.bitrateToleranceWhileCopied : Self.bitrateTolerance
        if let bitrateKbps, let sent = facts.bitrateKbps, sent > Double(bitrateKbps) * tolerance {
            return "the output wants at most \(bitrateKbps) kb/s, the camera sends \(Int(sent.rounded()))"
        }
        // A frame's time more, because the last picture of a group ends with the next group.
        if let seconds = facts.keyframeSeconds, seconds > Self.maximumKeyframeSeconds + 0.1 {
            return "the camera's keyframes are more than \(Int(Self.maximumKeyframeSeconds)) s apart"
        }
        return nil
    }
}

/// How a rendition's pictures are made, as the API shows it.
enum PictureMode: Sendable, Equatable {
    case copy(String)
    case encode(String)

    static func copied(_ facts: CameraFacts) -> PictureMode {
        let size = facts.sps.map { "\($0.width)×\($0.height)" } ?? "what is wanted"
        let rate = facts.framesPerSecond.map { " at \(Int($0.rounded())) fps" } ?? ""
        return .copy("copied: the camera already sends \(size)\(rate) as H.264")
    }

    static func encoded(_ objection: String, isForced: Bool = false) -> PictureMode {
        .encode(
            isForced ? "encoded although bypass_mode is force_on: \(objection)" : "encoded: \(objection)")
    }
}

import StreamModel
import StreamProtocols

/// Which codec a rendition's engine path carries. An RTSP session is described once, so that another codec costs the
/// viewers their connection: it is changed as seldom as it can be, and never back and forth.
///
/// A camera's H.265 is passed on as it is, and what has to be shown in its place for a while is encoded as H.265 too.
/// When it can't be passed on for good, the path goes over to H.264, and stays with it. A codec that was asked for is never
/// changed.
struct RenditionCodec: Sendable, Equatable {
    private(set) var current: VideoCodec
    /// Why the camera's H.265 is not passed on any more.
    private(set) var givenUpBecause: CodedMessage?
    private let wanted: VideoCodec?

    /// - Parameter wanted: the only one that may be; nil where the camera's may.
    init(wanted: VideoCodec? = nil) {
        self.wanted = wanted
        current = wanted ?? .h264
    }

    /// Follows what the terms say of a packet.
    ///
    /// - Returns: what is really done with it.
    mutating func follow(_ verdict: CopyVerdict, camera: VideoCodec?) -> CopyVerdict {
        guard wanted == nil else { return verdict }
        let isH265 = camera == .h265
        if isH265, let givenUpBecause, verdict.objection == nil {
            return .encode(
                CodedMessage(
                    "copy_given_up", "the camera's H.265 could not be passed on before: \(givenUpBecause.text)",
                    ["reason": givenUpBecause.json]))
        }
        switch verdict {
        case .copy, .wait:
            current = isH265 && givenUpBecause == nil ? .h265 : .h264
        case .encode(let objection):
            if current == .h265 { givenUpBecause = objection }
            current = .h264
        }
        return verdict
    }

    /// The settings have changed: encoders that failed are tried again.
    mutating func settingsChanged() { givenUpBecause = nil }

    /// Nothing can be passed on any more.
    mutating func copyingEnded() { self = RenditionCodec(wanted: wanted) }
}

import MediaKit
import StreamModel

extension MediaError {
    /// What ``userMessage`` or ``userMessageOfAwayCamera`` says.
    ///
    /// - Parameter isAway: the latter.
    func messageCode(isAway: Bool) -> MessageCode {
        if let entity = homeAssistantEntity { return MessageCode("home_assistant_no_picture", ["entity": entity]) }
        if let silentInput {
            return isAway
                ? MessageCode("input_away", ["name": silentInput]) : MessageCode("input_silent", ["name": silentInput])
        }
        let target = ["target": subject ?? "the source"]
        return switch (kind, isAway) {
        case (.endOfStream, true): MessageCode("camera_away_ended", target)
        case (.timedOut, true): MessageCode("camera_away_timed_out", target)
        case (.notFound, true): MessageCode("camera_away_not_found", target)
        case (.refused, true): MessageCode("camera_away_refused", target)
        case (.unreachable, true): MessageCode("camera_away_unreachable", target)
        case (.endOfStream, false): MessageCode("camera_ended", target)
        case (.timedOut, false): MessageCode("camera_timed_out", target)
        case (.notFound, false): MessageCode("camera_not_found", target)
        case (.refused, false): MessageCode("camera_refused", target)
        case (.unreachable, false): MessageCode("camera_unreachable", target)
        case (.interrupted, _): MessageCode("camera_interrupted", target)
        case (.unauthorized, _): MessageCode("camera_unauthorized", target)
        case (.invalidData, _): MessageCode("camera_invalid_data", target)
        case (.noVideo, _): MessageCode("camera_no_video", target)
        case (.unsupported, _): MessageCode("camera_unsupported", target.merging(["reason": reason]) { $1 })
        case (.other, _):
            MessageCode("camera_failed", target.merging(["operation": operation, "reason": reason]) { $1 })
        }
    }
}

/// Why a step of a pipeline keeps the camera's pictures back.
public enum RestReason: String, Codable, Sendable {
    case nothingMoves = "nothing_moves"
    case nothingDetected = "nothing_detected"
    /// It can't look for anything: what that takes is not installed, or does not work.
    case cannotDetect = "cannot_detect"
}

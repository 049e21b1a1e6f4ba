/// Why a step of a pipeline keeps the camera's pictures back.
public enum RestReason: String, Codable, Sendable, CaseIterable, Comparable {
    case nothingMoves = "nothing_moves"
    case nothingDetected = "nothing_detected"
    /// It can't look for anything: what that takes is not installed, or does not work.
    case cannotDetect = "cannot_detect"

    /// The later asks more of whoever reads it: to wait, to wait for something else, to install something.
    public static func < (a: Self, b: Self) -> Bool {
        (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
}

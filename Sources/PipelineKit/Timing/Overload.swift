import MediaKit
import StreamModel

/// Whether a computer is too slow for what is wanted of it: it had to leave out pictures, and not just once.
struct Overload: Sendable, Equatable {
    /// What to do about it.
    static let sentence =
        "This computer can't keep up, so pictures are left out. Lower the resolution or the frame rate of the outputs, or "
        + "let them have the size that the camera sends, so that its pictures are copied."

    /// What the sentence says.
    static let code = MessageCode("computer_too_slow")

    /// A single hiccup is none: pictures must have been left out twice within this…
    static let window: Duration = .seconds(10)
    /// …and not at the same time.
    static let separation: Duration = .seconds(1)

    private var lastHiccup: MonotonicInstant?
    private var isRepeated = false

    /// Pictures have been left out.
    mutating func leftOut(at now: MonotonicInstant) {
        guard let last = lastHiccup, last.duration(to: now) < Self.window else {
            lastHiccup = now
            isRepeated = false
            return
        }
        guard last.duration(to: now) >= Self.separation else { return }
        lastHiccup = now
        isRepeated = true
    }

    func isPresent(at now: MonotonicInstant) -> Bool {
        isRepeated && (lastHiccup.map { $0.duration(to: now) < Self.window } ?? false)
    }
}

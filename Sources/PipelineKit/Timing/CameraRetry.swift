import MediaKit

/// When a camera that can't be read is asked again: the one schedule for all causes.
struct CameraRetry: Sendable {
    private var lost = Backoff.camera
    private var refused = Backoff.refusedAccount
    private var silent = Backoff.input

    /// Pictures come.
    mutating func succeeded(at now: MonotonicInstant) {
        lost.succeeded(at: now)
        refused.succeeded(at: now)
        silent.succeeded(at: now)
    }

    /// The attempt has failed, or the pictures ended: returns how long to wait before the next.
    ///
    /// - Parameter isInput: whether it is an input that no program sends to.
    mutating func failed(_ kind: MediaError.Kind, isInput: Bool = false, at now: MonotonicInstant) -> Duration {
        if isInput { return silent.failed(at: now) }
        return kind == .unauthorized ? refused.failed(at: now) : lost.failed(at: now)
    }
}

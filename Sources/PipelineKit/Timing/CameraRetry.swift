import MediaKit

/// When a camera that can't be read is asked again: the one schedule for all causes.
struct CameraRetry: Sendable {
    private var lost = Backoff.camera
    private var refused = Backoff.refusedAccount

    /// Pictures come.
    mutating func succeeded(at now: MonotonicInstant) {
        lost.succeeded(at: now)
        refused.succeeded(at: now)
    }

    /// The attempt has failed, or the pictures ended: returns how long to wait before the next.
    mutating func failed(_ kind: MediaError.Kind, at now: MonotonicInstant) -> Duration {
        kind == .unauthorized ? refused.failed(at: now) : lost.failed(at: now)
    }
}

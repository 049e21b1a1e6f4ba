import MediaKit

/// Keeps hardware encoders that fail again and again from being used for a while. Pure.
struct EncoderQuarantine: Sendable {
    /// So many failures…
    static let failureLimit = 2
    /// …within this time…
    static let window: Duration = .seconds(600)
    /// …shut an encoder out for this time, counted from the last of them.
    static let duration: Duration = .seconds(3600)

    private var failures: [EncoderBackend: [MonotonicInstant]] = [:]
    private var ends: [EncoderBackend: MonotonicInstant] = [:]

    mutating func failed(_ backend: EncoderBackend, at now: MonotonicInstant) {
        let recent = (failures[backend] ?? []).filter { $0.duration(to: now) < Self.window } + [now]
        if recent.count >= Self.failureLimit {
            ends[backend] = now + Self.duration
            failures[backend] = []
        } else {
            failures[backend] = recent
        }
    }

    func isShutOut(_ backend: EncoderBackend, at now: MonotonicInstant) -> Bool {
        ends[backend].map { now < $0 } ?? false
    }
}

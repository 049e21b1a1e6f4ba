import MediaKit
import StreamModel

/// Adds up what gets lost from a camera, however often it is opened, and says so once a second at most.
struct LossReport: Sendable {
    private static let interval: Duration = .seconds(1)

    /// Of the connections that are closed.
    private var before = CameraLosses()
    /// Of the one that is open.
    private var current: CameraLosses?
    private var reported: CameraLosses?
    private var nextReport: MonotonicInstant?

    /// - Parameter losses: since the camera was opened.
    /// - Returns: all losses, when there is something new to say.
    mutating func note(_ losses: CameraLosses?, at now: MonotonicInstant) -> CameraLosses? {
        guard let losses else { return nil }
        current = losses
        guard nextReport.map({ now >= $0 }) ?? true else { return nil }
        let all = before + losses
        guard all != reported else { return nil }
        reported = all
        nextReport = now + Self.interval
        return all
    }

    /// The camera is opened again.
    ///
    /// - Returns: all losses; nil when they were not counted.
    mutating func closed() -> CameraLosses? {
        if let current { before = before + current }
        current = nil
        reported = reported == nil ? nil : before
        return reported
    }
}

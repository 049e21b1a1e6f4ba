import EngineContract
import Foundation
import StreamModel

/// An engine process that was started.
struct RunningEngine: Sendable {
    let id: UUID
    let task: Task<Void, Never>
    let program: EngineProgram
    /// The release of MediaMTX; nil is the built-in engine.
    let version: MediaMTXVersion?
    let wish: EngineWish
    let preferred: PreferredPorts
    let assignment: PortAssignment
    /// What it runs with, including what was changed since.
    var configuration: EngineConfiguration
    let client: EngineClient
    let log: ChildLog
    /// When MediaMTX was last given another file.
    var fileChanged: ContinuousClock.Instant?
    var pid: Int?
    /// When: by a clock that only goes forward, and for people.
    var started: (instant: ContinuousClock.Instant, date: Date)?
    var readySince: ContinuousClock.Instant?
    var isStopping = false
    /// It was killed because it did not answer.
    var hangs = false
    var exit: ChildExit?
}

/// When the command of a path runs (`runOnDemand`): from the first demand without a publisher until some time after the
/// last demand. A value: whoever holds it performs the actions and reports back.
///
/// Demand is every client that reads the path or is held until it can.
struct OnDemandState: Equatable {
    /// What to do, in order.
    enum Action: Equatable {
        case startHook
        case stopHook
        case schedule(Timer, after: Duration)
        case cancel(Timer)
    }

    enum Timer: Equatable, CaseIterable {
        /// Ends the command after the last demand.
        case close
        /// Runs a command again that ended by itself.
        case restart
    }

    struct Settings: Equatable {
        var isRestarting = false
        var closeAfter: Duration = .seconds(10)
    }

    /// What MediaMTX waits before it runs a command again.
    static let restartDelay: Duration = .seconds(5)

    private enum Hook: Equatable {
        case stopped
        case running
        /// It ended by itself and runs again when the timer fires.
        case awaitingRestart
    }

    private enum Demand: Equatable {
        case none
        /// The last reader has left, and the close timer runs.
        case closing
        case some(Int)
    }

    let settings: Settings
    private var hook = Hook.stopped
    private var demand = Demand.none
    private var hasPublisher = false

    init(settings: Settings) { self.settings = settings }

    var isHookRunning: Bool { hook == .running }

    /// Neither demand nor command: the path can be forgotten.
    var isIdle: Bool { hook == .stopped && demand == .none }

    /// The path is read or waited for.
    mutating func demandBegan() -> [Action] {
        var actions: [Action] = []
        switch demand {
        case .none: demand = .some(1)
        case .closing:
            actions.append(.cancel(.close))
            demand = .some(1)
        case .some(let count): demand = .some(count + 1)
        }
        return actions + startIfNeeded()
    }

    /// A client that read the path or waited for it is gone.
    mutating func demandEnded() -> [Action] {
        switch demand {
        case .none, .closing: return []
        case .some(let count) where count > 1:
            demand = .some(count - 1)
            return []
        case .some:
            guard hook != .stopped else {
                demand = .none
                return []
            }
            demand = .closing
            return [.schedule(.close, after: settings.closeAfter)]
        }
    }

    mutating func publisherCame() {
        hasPublisher = true
    }

    mutating func publisherLeft() -> [Action] {
        hasPublisher = false
        guard case .some = demand else { return [] }
        return startIfNeeded()
    }

    /// The command ended by itself.
    mutating func hookExited() -> [Action] {
        guard hook == .running else { return [] }
        switch demand {
        case .some where settings.isRestarting:
            hook = .awaitingRestart
            return [.schedule(.restart, after: Self.restartDelay)]
        case .some:
            hook = .stopped
            return []
        case .closing:
            hook = .stopped
            demand = .none
            return [.cancel(.close)]
        case .none:
            hook = .stopped
            return []
        }
    }

    mutating func timerFired(_ timer: Timer) -> [Action] {
        switch (timer, demand, hook) {
        case (.close, .closing, .running):
            demand = .none
            hook = .stopped
            return [.stopHook]
        case (.close, .closing, .awaitingRestart):
            demand = .none
            hook = .stopped
            return [.cancel(.restart)]
        case (.close, .closing, .stopped):
            demand = .none
            return []
        case (.restart, .some, .awaitingRestart), (.restart, .closing, .awaitingRestart):
            hook = .running
            return [.startHook]
        case (.close, .none, _), (.close, .some, _), (.restart, _, .stopped), (.restart, _, .running),
            (.restart, .none, .awaitingRestart):
            // The timer was cancelled when it had fired already.
            return []
        }
    }

    /// The path is removed or the engine stops.
    mutating func close() -> [Action] {
        defer {
            demand = .none
            hook = .stopped
            hasPublisher = false
        }
        return [.cancel(.close), .cancel(.restart)] + (hook == .running ? [.stopHook] : [])
    }

    private mutating func startIfNeeded() -> [Action] {
        guard hook == .stopped, !hasPublisher else { return [] }
        hook = .running
        return [.startHook]
    }
}

/// The stale engines that were found last.
///
/// Looking for them reads the command line of every process of the machine, and whoever sees the engine's status may ask for
/// it as often as they like. So what was found is told again until something happens that may have changed it, or for
/// ``lifetime``. One that has gone meanwhile is left out at once.
struct FoundStaleEngines {
    static let lifetime: Duration = .seconds(10)

    private var pids: [Int] = []
    private var foundAt: ContinuousClock.Instant?

    /// - Parameter own: the engine that runs.
    mutating func current(
        of stale: StaleEngines, except own: Int?, at now: ContinuousClock.Instant = .now
    ) -> [Int] {
        if let foundAt, foundAt.duration(to: now) < Self.lifetime {
            pids = stale.remaining(of: pids)
        } else {
            pids = stale.find(except: own)
            foundAt = now
        }
        return pids
    }

    /// Has the next question look anew.
    mutating func forget() { foundAt = nil }
}

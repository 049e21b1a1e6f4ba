/// What is done for a path that has readers but no publisher (`runOnDemand`).
protocol Hook: Sendable {
    /// Begins to end it.
    func stop()

    /// Returns when nothing of it is left.
    func waitUntilExit() async
}

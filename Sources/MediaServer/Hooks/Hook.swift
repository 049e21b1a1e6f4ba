/// What is done for a path while somebody wants it and nobody publishes it (`runOnDemand`).
protocol Hook: Sendable {
    /// Begins to end it.
    func stop()

    /// Returns when nothing of it is left.
    func waitUntilExit() async
}

/// Packets on their way to one place by UDP, spread over time (``DatagramPacer``). It belongs to one event loop.
final class PacedDatagrams {
    private let clock: EngineClock
    private let give: (DatagramRun) -> Int
    private var pacer = DatagramPacer()
    private var timer: LoopTimer?

    /// - Parameter give: gives the system packets, and returns the bytes of those that are done with.
    init(clock: EngineClock, _ give: @escaping (DatagramRun) -> Int) {
        self.clock = clock
        self.give = give
    }

    /// Bytes that wait for their turn, or for room in the system.
    var queuedByteCount: Int { pacer.queuedByteCount }

    func send(_ runs: [DatagramRun]) {
        pacer.append(runs)
        drain()
    }

    private func drain() {
        guard let delay = pacer.drain(now: clock.now, give), timer == nil else { return }
        timer = clock.schedule(after: delay) { [weak self] in
            guard let self else { return }
            timer = nil
            drain()
        }
    }

    /// What still waits is not sent.
    func discard() {
        timer?.cancel()
        timer = nil
        pacer.removeAll()
    }
}

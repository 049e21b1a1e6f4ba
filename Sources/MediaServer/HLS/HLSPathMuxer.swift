import StreamProtocols

/// The muxer of one path with everything that waits for it. Confined to the ``HLSDelivery`` that made it.
final class HLSPathMuxer {
    enum State {
        /// The engine is looking for a publisher, or starting one.
        case attaching
        case attached
        /// Nothing will come any more, and why.
        case ended(HLSRefusal)
    }

    let id: Int
    let path: String
    var muxer: HLSMuxer
    var state = State.attaching
    var lastRequest: Duration
    var hasWarnedOfSize = false
    /// The task in which the muxer lives; nil until it was started.
    var task: Task<Void, Never>?
    /// How often ``resumeWaiters()`` was called.
    private(set) var changeCount = 0
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]

    init(id: Int, path: String, muxer: HLSMuxer, now: Duration) {
        self.id = id
        self.path = path
        self.muxer = muxer
        lastRequest = now
    }

    var isWaitedFor: Bool { !waiters.isEmpty }

    func addWaiter(_ waiter: Int, _ continuation: CheckedContinuation<Void, Never>) {
        waiters[waiter] = continuation
    }

    func resumeWaiter(_ waiter: Int) {
        waiters.removeValue(forKey: waiter)?.resume()
    }

    /// Wakes all waiting requests, so that they look at what has changed.
    func resumeWaiters() {
        changeCount += 1
        let resumed = waiters.values
        waiters = [:]
        for waiter in resumed { waiter.resume() }
    }
}

/// Brings a stream into its muxer. The engine calls it on the event loop that the delivery is isolated to.
final class HLSPathConsumer: HLSStreamConsumer {
    private let delivery: HLSDelivery
    private let path: String
    private let muxerID: Int

    init(delivery: HLSDelivery, path: String, muxerID: Int) {
        self.delivery = delivery
        self.path = path
        self.muxerID = muxerID
    }

    func streamStarted(format: TrackFormat, backlog: [AccessUnit]) {
        delivery.assumeIsolated { $0.streamStarted(path, muxerID: muxerID, format: format, backlog: backlog) }
    }

    func receive(_ unit: AccessUnit) {
        delivery.assumeIsolated { $0.receive(unit, path: path, muxerID: muxerID) }
    }

    func streamClosed() {
        delivery.assumeIsolated { $0.streamClosed(path, muxerID: muxerID) }
    }
}

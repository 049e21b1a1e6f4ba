import NIOCore
import StreamProtocols

/// The muxer of one path with everything that waits for it, as the engine's reader of that path.
///
/// Unchecked: the ``HLSDelivery`` that made it and the engine, who alone use it, run on one event loop.
final class HLSPathMuxer: StreamReader, @unchecked Sendable {
    enum State {
        /// The engine is looking for a publisher, or starting one.
        case attaching
        case attached
        /// Nothing will come any more, and why.
        case ended(HLSRefusal)
    }

    let path: String
    var eventLoop: any EventLoop { delivery.clock.eventLoop }
    let form = ReaderForm.samples
    private(set) var outboundByteCount = 0
    private let delivery: HLSDelivery
    var muxer: HLSMuxer
    var state = State.attaching
    var lastRequest: Duration
    var hasWarnedOfSize = false
    /// The task in which the muxer lives; nil until it was started.
    var task: Task<Void, Never>?
    /// How often ``resumeWaiters()`` was called.
    private(set) var changeCount = 0
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]

    init(path: String, muxer: HLSMuxer, delivery: HLSDelivery, now: Duration) {
        self.path = path
        self.delivery = delivery
        self.muxer = muxer
        lastRequest = now
    }

    var isWaitedFor: Bool { !waiters.isEmpty }

    /// Whether it has been taken out of service: what still comes is for nobody.
    var hasEnded: Bool { if case .ended = state { true } else { false } }

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

    // MARK: StreamReader

    func tracks(of formats: [RTPFormat]) -> Set<Int> { muxer.tracks(of: formats) }

    func begin(_ start: StreamStart) {
        guard !hasEnded else { return }
        if let event = muxer.streamStarted(start.formats) { tell(event) }
        for delivery in start.group { deliver(delivery) }
    }

    func deliver(_ delivery: Delivery) {
        let unit = delivery.unit
        outboundByteCount += unit.sample.byteCount
        guard !hasEnded,
            let event = muxer.append(unit.sample, of: unit.media, track: unit.track, at: unit.wallTime)
        else { return }
        tell(event)
    }

    func deliver(_ report: StreamReport) {}

    func streamEnded(_ goodbyes: [StreamReport]) {
        guard !hasEnded else { return }
        delivery.assumeIsolated { $0.close(self, .noStream(path: path)) }
    }

    private func tell(_ event: HLSMuxer.Event) {
        delivery.assumeIsolated { $0.handle(event, self) }
    }
}

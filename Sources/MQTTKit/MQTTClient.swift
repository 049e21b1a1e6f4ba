import Foundation
import Synchronization

/// Keeps up a connection with a broker, on a thread of its own, and publishes what it is given whenever there is one.
public final class MQTTClient: Sendable {
    public enum Event: Sendable {
        /// The broker knows nothing of what it was told before: a new one may have taken its place.
        case connected
        case received(MQTTMessage)
        /// There is no connection. It is tried again, after longer and longer pauses.
        case failed(MQTTProblem)
    }

    /// How much goes out.
    public struct Counters: Hashable, Sendable {
        public var waiting: Int
        public var published: Int
        /// Given up: there was no room, or it was too old.
        public var lost: Int

        public init(waiting: Int = 0, published: Int = 0, lost: Int = 0) {
            self.waiting = waiting
            self.published = published
            self.lost = lost
        }
    }

    private struct State {
        var outbox = MQTTOutbox()
        var published = 0
        var isStopped = false
        var farewell: [MQTTMessage] = []
    }

    static let longestPause: Duration = .seconds(60)
    /// For the broker's word that it takes the connection.
    static let answerLimit: Duration = .seconds(10)
    /// A connection that holds so long is no reason to wait longer before the next.
    private static let steadyAfter: Duration = .seconds(30)
    private static let farewellLimit: Duration = .seconds(1)
    private static let eventLimit = 10_000

    private let broker: MQTTBroker
    private let subscriptions: [String]
    private let wake: WakeUp
    private let state = Mutex(State())
    /// Ends after ``stop(farewell:)``.
    public let events: AsyncStream<Event>
    private let sink: AsyncStream<Event>.Continuation
    private let end: AsyncStream<Void>
    private let endSink: AsyncStream<Void>.Continuation

    /// Begins at once.
    ///
    /// - Parameter subscriptions: topics whose messages are among the events.
    public init(_ broker: MQTTBroker, subscriptions: [String]) throws(MQTTProblem) {
        guard let wake = WakeUp() else { throw .noResources }
        self.broker = broker
        self.subscriptions = subscriptions
        self.wake = wake
        (events, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.eventLimit))
        (end, endSink) = AsyncStream.makeStream()
        Self.startThread { self.work() }
    }

    /// Has messages published, in their order, as soon as there is a connection. Returns at once.
    public func publish(_ messages: [MQTTMessage]) {
        guard !messages.isEmpty else { return }
        state.withLock { state in
            for message in messages { state.outbox.add(message, at: .now) }
        }
        wake.raise()
    }

    public var counters: Counters {
        state.withLock { Counters(waiting: $0.outbox.count, published: $0.published, lost: $0.outbox.lost) }
    }

    /// Ends the connection; returns when it has, or after two seconds, when its thread may still wait for the system.
    ///
    /// - Parameter farewell: is published before, if there is a connection.
    public func stop(farewell: [MQTTMessage]) async {
        state.withLock { state in
            state.isStopped = true
            state.farewell = farewell
        }
        wake.raise()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [end] in for await _ in end {} }
            group.addTask { _ = try? await Task.sleep(for: .seconds(2)) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Connects once, to see whether it works.
    /// - Returns: what is wrong.
    public static func problem(with broker: MQTTBroker) async -> MQTTProblem? {
        let (outcomes, sink) = AsyncStream<MQTTProblem?>.makeStream(bufferingPolicy: .bufferingOldest(1))
        startThread {
            sink.yield(probe(broker))
            sink.finish()
        }
        // The system tries to reach a silent host for minutes.
        let limit = Task {
            try await Task.sleep(for: answerLimit + .seconds(2))
            sink.yield(.unreachable(broker))
            sink.finish()
        }
        defer { limit.cancel() }
        for await outcome in outcomes { return outcome }
        return .unreachable(broker)
    }

    // MARK: On the thread

    private static func startThread(_ work: @escaping @Sendable () -> Void) {
        let thread = Thread(block: work)
        thread.name = "mqtt"
        thread.start()
    }

    private static func probe(_ broker: MQTTBroker) -> MQTTProblem? {
        do throws(MQTTProblem) {
            guard let wake = WakeUp() else { throw .noResources }
            let session = try MQTTSession(broker)
            try session.connect()
            let end = ContinuousClock.now + answerLimit
            while session.answer == nil {
                guard ContinuousClock.now < end else { throw .silent(broker) }
                try session.step(wake, atMost: .milliseconds(500))
            }
            session.disconnect()
            return nil
        } catch {
            return error
        }
    }

    private func work() {
        var failures = 0
        while !isStopped {
            let begin = ContinuousClock.now
            do throws(MQTTProblem) {
                try connectAndFollow()
            } catch {
                if begin.duration(to: .now) >= Self.steadyAfter { failures = 0 }
                sink.yield(.failed(error))
                failures += 1
                rest(min(Self.longestPause, .seconds(1 << min(failures - 1, 10))))
            }
        }
        sink.finish()
        endSink.finish()
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func rest(_ pause: Duration) {
        let end = ContinuousClock.now + pause
        while !isStopped, ContinuousClock.now < end {
            _ = wake.wait(for: nil, atMost: ContinuousClock.now.duration(to: end))
        }
    }

    /// Returns when it is to stop.
    private func connectAndFollow() throws(MQTTProblem) {
        let session = try MQTTSession(broker)
        defer {
            let left = session.inFlight.map(\.message)
            state.withLock { $0.outbox.putBack(left, at: .now) }
        }
        try session.connect()
        let answerEnd = ContinuousClock.now + Self.answerLimit
        while session.answer != 0 {
            if isStopped { return }
            guard ContinuousClock.now < answerEnd else { throw .silent(broker) }
            try session.step(wake, atMost: .milliseconds(500))
        }
        try session.subscribe(to: subscriptions)
        sink.yield(.connected)
        while !isStopped {
            try publishWaiting(session)
            try session.step(wake, atMost: .seconds(1))
            note(session)
        }
        try sayGoodbye(session)
    }

    private func publishWaiting(_ session: MQTTSession) throws(MQTTProblem) {
        while session.inFlight.count < MQTTSession.inFlightLimit,
            let message = state.withLock({ $0.outbox.take(at: .now) })
        {
            try session.publish(message)
        }
    }

    private func note(_ session: MQTTSession) {
        let acknowledged = session.takeAcknowledged()
        if acknowledged > 0 { state.withLock { $0.published += acknowledged } }
        for message in session.takeReceived() { sink.yield(.received(message)) }
    }

    private func sayGoodbye(_ session: MQTTSession) throws(MQTTProblem) {
        for message in state.withLock({ $0.farewell }) { try session.publish(message) }
        let end = ContinuousClock.now + Self.farewellLimit
        while !session.inFlight.isEmpty, ContinuousClock.now < end {
            try session.step(wake, atMost: .milliseconds(100))
        }
        // Without a goodbye the broker publishes the will, which says the same as what did not arrive.
        if session.inFlight.isEmpty { session.disconnect() }
    }
}

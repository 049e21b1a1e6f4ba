import Foundation
import MediaKit
import StreamModel
import Synchronization

/// Puts a destination's status together, and reports it: a change of state at once, counters when asked.
final class DestinationMonitor: Sendable {
    private struct State {
        var status: DestinationStatus
        var isEnded = false
        /// When the last report was, and what had been sent then.
        var lastReport: (at: MonotonicInstant, bytes: Int)
    }

    private let state: Mutex<State>
    private let events: EventSink

    init(transmissionID: String, destinationID: String, events: @escaping EventSink) {
        self.events = events
        state = Mutex(
            State(
                status: DestinationStatus(
                    transmissionID: transmissionID, destinationID: destinationID, state: .connecting),
                lastReport: (.now, 0)))
    }

    /// - Parameter isCalled: whether somebody else has to call.
    func connecting(isCalled: Bool) {
        change { status in
            status.state = .connecting
            status.message = isCalled ? "It waits to be called." : nil
            status.messageCode = isCalled ? MessageCode("destination_waits_for_call") : nil
            status.retryAtUnix = nil
        }
    }

    func sending() {
        change { status in
            status.state = .sending
            (status.message, status.messageCode, status.retryAtUnix) = (nil, nil, nil)
            status.sendingSinceUnix = Date().timeIntervalSince1970
        }
    }

    func failed(_ failure: PushFailure, retryIn delay: Duration) {
        change { status in
            status.state = .waiting
            (status.message, status.messageCode) = (failure.text, failure.code)
            status.retryAtUnix = Date().timeIntervalSince1970 + delay / .seconds(1)
            (status.sendingSinceUnix, status.bitrateKbps) = (nil, nil)
            status.failureCount += 1
        }
    }

    func sent(pictures: Int, bytes: Int) {
        state.withLock { state in
            state.status.framesSent += pictures
            state.status.bytesSent += bytes
        }
    }

    func dropped(pictures: Int) {
        state.withLock { $0.status.framesDropped += pictures }
    }

    /// Reports the counters, and the rate since the last report.
    func report(at now: MonotonicInstant) {
        state.withLock { state in
            guard !state.isEnded else { return }
            let seconds = state.lastReport.at.duration(to: now) / .seconds(1)
            if state.status.state == .sending, seconds > 0 {
                let bits = Double(state.status.bytesSent - state.lastReport.bytes) * 8
                state.status.bitrateKbps = bits / 1000 / seconds
            }
            state.lastReport = (now, state.status.bytesSent)
            events(.destination(state.status))
        }
    }

    /// Nothing is said any more: another one may speak for the destination from now on.
    func end() {
        state.withLock { $0.isEnded = true }
    }

    private func change(_ body: (inout DestinationStatus) -> Void) {
        state.withLock { state in
            guard !state.isEnded else { return }
            body(&state.status)
            events(.destination(state.status))
        }
    }
}

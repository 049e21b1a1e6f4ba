internal import Glibc
internal import Synchronization

/// Asks whether a host name can be resolved, before libav does, whose own look-up can be neither interrupted nor timed.
///
/// The system's resolver cannot be stopped, so it runs on a thread of its own, which ends when the resolver gives up.
enum HostLookup {
    enum Outcome: Equatable {
        case found
        /// With the resolver's text.
        case failed(String)
        /// Interrupted, or out of time.
        case abandoned
    }

    static func resolve(_ host: String, until deadline: MonotonicInstant, interrupt: InterruptFlag) -> Outcome {
        if isNumeric(host) { return .found }
        guard !interrupt.isInterrupted, .now < deadline else { return .abandoned }
        let outcome = SharedOutcome()
        _ = DedicatedThread(name: "host lookup") {
            outcome.value.withLock { $0 = look(up: host) }
            interrupt.wake()
        }
        interrupt.wait(until: deadline) { outcome.value.withLock { $0 } != nil }
        return outcome.value.withLock { $0 } ?? .abandoned
    }

    private final class SharedOutcome: Sendable {
        let value = Mutex<Outcome?>(nil)
    }

    private static func isNumeric(_ host: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
    }

    private static func look(up host: String) -> Outcome {
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, nil, &found)
        if let found { freeaddrinfo(found) }
        return status == 0 ? .found : .failed(String(cString: gai_strerror(status)))
    }
}

import Logging
import Synchronization

/// How the machine that we run on is reached, as far as Supervisor tells it.
final class HostNetwork: Sendable {
    /// What was learnt last; empty before that, and where there is no Supervisor.
    struct Facts: Hashable, Sendable {
        var addresses: [String] = []
        /// By port of the add-on, such as `18762/udp`; nil is a port that is not mapped.
        var mappedPorts: [String: Int?] = [:]
    }

    private let supervisor: SupervisorClient?
    private let logger: Logger
    private let facts = Mutex(Facts())

    /// A network's addresses change seldom, and Supervisor tells no add-on when they do.
    static let interval: Duration = .seconds(600)

    init(_ supervisor: SupervisorClient?, logger: Logger) {
        self.supervisor = supervisor
        self.logger = logger
    }

    /// Whether there is somebody to ask.
    var isKnown: Bool { supervisor != nil }

    var current: Facts { facts.withLock { $0 } }

    /// Asks Supervisor, for a few seconds at most. What it does not answer stays as it was.
    /// - Returns: whether something is other than before.
    func refresh() async -> Bool {
        guard let supervisor else { return false }
        var found = current
        do throws(SupervisorError) {
            found.addresses = try await supervisor.hostAddresses()
            found.mappedPorts = try await supervisor.mappedPorts()
        } catch {
            logger.notice("The addresses of this machine are not known. \(error)")
        }
        return facts.withLock { facts in
            defer { facts = found }
            return facts != found
        }
    }
}

extension HostNetwork.Facts {
    /// What of the mapping keeps WebRTC's media away, as sentences.
    ///
    /// - Parameter ports: those where media is received, such as `18762/udp`.
    func warnings(webRTCPorts ports: [String]) -> [String] {
        ports.compactMap { port in
            guard let mapped = mappedPorts[port] else { return nil }
            let number = port.prefix { $0 != "/" }
            guard let mapped else {
                return
                    "WebRTC's port \(port) is not open, so WebRTC plays on this machine only. Give it the number \(number) "
                    + "in the add-on's network settings."
            }
            // What viewers are told is the port that we listen on.
            if String(mapped) == number { return nil }
            return
                "WebRTC's port \(port) is mapped to \(mapped), where no viewer looks for it. Give it the number \(number) in "
                + "the add-on's network settings."
        }
    }
}

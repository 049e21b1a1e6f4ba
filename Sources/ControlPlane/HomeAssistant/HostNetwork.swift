import Logging
import StreamModel
import Synchronization

/// How the machine that we run on is reached, as far as Supervisor tells it.
public final class HostNetwork: Sendable {
    /// What was learnt last; empty before that, and where there is no Supervisor.
    public struct Facts: Hashable, Sendable {
        /// The name of the interface that has the addresses.
        public var interface = ""
        public var addresses: [String] = []
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
    public var isKnown: Bool { supervisor != nil }

    public var current: Facts { facts.withLock { $0 } }

    /// Asks Supervisor, for a few seconds at most. What it does not answer stays as it was.
    /// - Returns: whether something is other than before.
    func refresh() async -> Bool {
        guard let supervisor else { return false }
        var found = current
        do throws(SupervisorError) {
            (found.interface, found.addresses) = try await supervisor.hostAddresses()
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
    /// The port of the host under which a TCP port of ours is reached: the same where Supervisor does not speak of it, and nil
    /// where it is not mapped.
    public func hostPort(of port: Int) -> Int? { hostPort(of: port, .tcp) }

    func hostPort(of port: Int, _ kind: PortKind) -> Int? {
        guard let mapped = mappedPorts["\(port)/\(kind)"] else { return port }
        return mapped
    }

    /// What somebody does who wants a port that is not mapped.
    public static func closed(_ port: Int) -> CodedMessage {
        CodedMessage(
            "port_not_mapped",
            "Port \(port) is not open, so other machines don't reach it. Give it a number in the add-on's network settings.",
            ["port": .integer(port)])
    }

    func problem(with port: Int) -> CodedMessage? { hostPort(of: port) == nil ? Self.closed(port) : nil }

    /// What of the mapping keeps WebRTC's media away, as sentences.
    ///
    /// - Parameter ports: those where media is received, such as `18762/udp`.
    func warnings(webRTCPorts ports: [String]) -> [CodedMessage] {
        ports.compactMap { port in
            guard let mapped = mappedPorts[port] else { return nil }
            let number = String(port.prefix { $0 != "/" })
            var parameters: [String: JSONValue] = ["port": .string(port), "number": .string(number)]
            guard let mapped else {
                return CodedMessage(
                    "webrtc_port_closed",
                    "WebRTC's port \(port) is not open, so WebRTC plays on this machine only. Give it the number \(number) "
                        + "in the add-on's network settings.", parameters)
            }
            // What viewers are told is the port that we listen on.
            if String(mapped) == number { return nil }
            parameters["mapped"] = .string(String(mapped))
            return CodedMessage(
                "webrtc_port_mapped_elsewhere",
                "WebRTC's port \(port) is mapped to \(mapped), where no viewer looks for it. Give it the number \(number) in "
                    + "the add-on's network settings.", parameters)
        }
    }
}

import ConnectionLimits
import ControlPlane
import HTTPTypes
import StreamModel
import Synchronization

/// The port that the web server listens on, once it does.
final class ListeningPort: Sendable {
    private let port = Mutex<Int?>(nil)

    var current: Int? { port.withLock { $0 } }

    func set(_ new: Int?) { port.withLock { $0 = new } }
}

/// Where these pages can be opened from other machines.
struct NetworkRoute {
    static let path = "/api/network"

    /// The address that the web server listens on.
    var host: String
    var port: ListeningPort
    /// Whether it speaks TLS there.
    var isSecure: Bool
    /// What is around the container of an add-on.
    var hostNetwork: HostNetwork

    var route: APIRoute {
        APIRoute(
            .get, Self.path, "getNetwork", "Where the pages can be opened from other machines.", tag: "settings",
            response: Schema.reference("Network")
        ) { _ in
            APIResponse(answer(port: port.current ?? 0, on: hostNetwork.isKnown ? hostNetwork.current : nil))
        }
    }

    /// The first of these addresses; nil when there is none.
    var firstURL: String? {
        answer(port: port.current ?? 0, on: hostNetwork.isKnown ? hostNetwork.current : nil)["addresses"]?
            .arrayValue?.first?["url"]?.stringValue
    }

    /// - Parameter facts: of the host of an add-on, whose own interfaces are those of its container.
    func answer(port: Int, on facts: HostNetwork.Facts?) -> JSONValue {
        let isOpen = !IPAddress.isLoopback(host: host)
        let hostPort = facts.map { $0.hostPort(of: port) } ?? port
        let interfaces = facts.map { facts in facts.addresses.map { (facts.interface, $0) } } ?? NetworkInterfaces.all
        let addresses = hostPort == nil ? [] : Self.addresses(listeningOn: host, interfaces: interfaces)
        let isClosed = isOpen && hostPort == nil
        let members: [String: JSONValue] = [
            "is_open": .bool(isOpen && !isClosed),
            "addresses": .array(
                addresses.map { name, address in
                    [
                        "interface": .string(name), "address": .string(address),
                        "url": .string(ServerAddress.url(address, port: hostPort ?? port, isSecure: isSecure)),
                    ]
                }),
        ]
        let problem = isClosed ? HostNetwork.Facts.closed(port) : nil
        return .object(members.merging(CodedMessage.members("problem", problem)) { first, _ in first })
    }

    /// Those of this machine that others may reach, IPv4 first, because people can type it.
    static func addresses(
        listeningOn host: String, interfaces: [(name: String, address: String)]
    ) -> [(name: String, address: String)] {
        guard !IPAddress.isLoopback(host: host) else { return [] }
        let isEverywhere = ["0.0.0.0", "::", "[::]"].contains(host)
        var seen: Set<String> = []
        let reachable = interfaces.filter { interface in
            let address = interface.address.lowercased()
            let isOwn = isEverywhere ? host != "0.0.0.0" || !address.contains(":") : address == host
            return isOwn && NetworkInterfaces.isReachable(address) && seen.insert(address).inserted
        }
        return reachable.filter { !$0.address.contains(":") } + reachable.filter { $0.address.contains(":") }
    }
}

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

    var route: APIRoute {
        APIRoute(
            .get, Self.path, "getNetwork", "Where the pages can be opened from other machines.", tag: "settings",
            response: Schema.reference("Network")
        ) { _ in
            let addresses = Self.addresses(listeningOn: host, interfaces: NetworkInterfaces.all)
            return APIResponse([
                "is_open": .bool(!Self.isLoopback(host)),
                "addresses": .array(
                    addresses.map { name, address in
                        [
                            "interface": .string(name), "address": .string(address),
                            "url": .string(ServerAddress.url(address, port: port.current ?? 0, isSecure: isSecure)),
                        ]
                    }),
            ])
        }
    }

    /// Those of this machine that others may reach, IPv4 first, because people can type it.
    static func addresses(
        listeningOn host: String, interfaces: [(name: String, address: String)]
    ) -> [(name: String, address: String)] {
        guard !isLoopback(host) else { return [] }
        let isEverywhere = ["0.0.0.0", "::", "[::]"].contains(host)
        var seen: Set<String> = []
        let reachable = interfaces.filter { interface in
            let address = interface.address.lowercased()
            let isOwn = isEverywhere ? host != "0.0.0.0" || !address.contains(":") : address == host
            return isOwn && NetworkInterfaces.isReachable(address) && seen.insert(address).inserted
        }
        return reachable.filter { !$0.address.contains(":") } + reachable.filter { $0.address.contains(":") }
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
    }
}

import ConnectionLimits
import HTTPTypes
import StreamModel

/// The reverse proxies whose `X-Forwarded-…` fields are used. From any other peer these fields are ignored, since any client
/// can send them.
public struct TrustedProxies: Sendable {
    let networks: [IPNetwork]

    /// No proxy is trusted.
    public static let none = TrustedProxies(networks: [])

    /// A part of a list that is neither an address nor a network.
    public struct BadEntry: Error {
        public let text: String
    }

    init(networks: [IPNetwork]) { self.networks = networks }

    /// Reads addresses and networks with commas between, such as `192.168.1.2, 172.16.0.0/12`.
    public init(parsing text: String) throws(BadEntry) {
        var networks: [IPNetwork] = []
        for entry in text.commaSeparated {
            guard let network = IPNetwork(entry) else { throw BadEntry(text: entry) }
            networks.append(network)
        }
        self.networks = networks
    }

    public var isEmpty: Bool { networks.isEmpty }

    func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// Where a request comes from.
    ///
    /// - Parameters:
    ///   - peer: who has the connection to us; nil when that can't be known.
    ///   - isSecure: whether that connection is TLS.
    func origin(of request: HTTPRequest, peer: IPAddress?, isSecure: Bool) -> RequestOrigin {
        var origin = RequestOrigin(address: peer?.description ?? "", isSecure: isSecure)
        guard let peer, contains(peer) else { return origin }
        let fields = request.headerFields
        origin.address = client(fields, of: peer).description
        // Of a chain of proxies, the first had the connection of the client.
        switch Self.entries(fields, .forwardedProto).first?.lowercased() {
        case "https": origin.isSecure = true
        case "http": origin.isSecure = false
        default: break
        }
        origin.forwardedAuthority = Self.entries(fields, .forwardedHost).first
        return origin
    }

    /// Proxies in a row at most.
    private static let hopLimit = 16

    /// The address that the last of our proxies saw. Each proxy adds its own client at the end, and what stands before the
    /// first address that is none of our proxies has been made up by that client.
    private func client(_ fields: HTTPFields, of peer: IPAddress) -> IPAddress {
        var client = peer
        for entry in Self.entries(fields, .forwardedFor).reversed().prefix(Self.hopLimit) {
            guard let address = Self.address(entry) else { break }
            client = address
            guard contains(address) else { break }
        }
        return client
    }

    /// An address as proxies write it: some add the port, and put an IPv6 address in brackets.
    private static func address(_ text: String) -> IPAddress? {
        if let address = IPAddress(text) { return address }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
        }
        return text.firstIndex(of: ":").flatMap { IPAddress(String(text[..<$0])) }
    }

    private static func entries(_ fields: HTTPFields, _ name: HTTPField.Name) -> [String] {
        fields[values: name].flatMap(\.commaSeparated)
    }
}

extension HTTPField.Name {
    static let forwardedFor = HTTPField.Name("x-forwarded-for")!
    static let forwardedHost = HTTPField.Name("x-forwarded-host")!
    static let forwardedProto = HTTPField.Name("x-forwarded-proto")!
}

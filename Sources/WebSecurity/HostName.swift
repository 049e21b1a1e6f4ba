/// The host of an authority (`name`, `name:port`, `[v6]:port`), lower-cased.
public struct HostName: Hashable, Sendable {
    /// Without port and brackets.
    public let name: String
    /// Whether it is an IPv4 or IPv6 address and no name.
    public let isAddress: Bool

    /// Nil when the text is no authority.
    public init?(authority: String?) {
        guard let authority, !authority.isEmpty, authority.count <= 300 else { return nil }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let address = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard address.contains(":"), address.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }),
                rest.isEmpty || Self.isPort(rest)
            else { return nil }
            name = address.lowercased()
            isAddress = true
            return
        }
        let colon = authority.firstIndex(of: ":") ?? authority.endIndex
        let host = authority[..<colon]
        guard colon == authority.endIndex || Self.isPort(authority[colon...]), !host.isEmpty,
            host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) })
        else { return nil }
        name = host.lowercased()
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        isAddress = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The names that other devices of the network know a machine by: its own, with and without the domain that it has, and
    /// that of multicast DNS (RFC 6762 §3).
    public static func names(ofMachine name: String) -> Set<String> {
        let name = name.lowercased()
        let label = name.prefix { $0 != "." }
        return label.isEmpty ? [] : [name, String(label), label + ".local"]
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.hasPrefix(":") && UInt16(text.dropFirst()) != nil
    }
}

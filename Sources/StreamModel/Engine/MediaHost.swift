/// A name or address under which WebRTC viewers reach the engine's media ports, beside those of this machine's own
/// interfaces: behind a router or in a container.
public enum MediaHost {
    /// Characters of a host name at most (RFC 1035, 2.3.4).
    private static let limit = 253

    /// The hosts of a text with commas, semicolons or line breaks between them.
    public static func list(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == "," || $0 == ";" || $0.isNewline }).map(\.trimmed).filter { !$0.isEmpty }
    }

    /// What is wrong with a host, as a sentence; nil when it is a name or an IPv4 or IPv6 address.
    public static func problem(with host: String) -> CodedMessage? {
        let isPlain = host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._:".contains($0)) }
        if !host.isEmpty, host.count <= limit, isPlain { return nil }
        return CodedMessage(
            "host_wrong",
            "'\(host)' is neither a host name nor an address. Write it such as 203.0.113.7 or camera.example.org.",
            ["host": .string(host)])
    }
}

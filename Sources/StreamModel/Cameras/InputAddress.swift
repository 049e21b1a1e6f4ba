/// The address of a camera whose picture another program sends to us: `input:phone`.
///
/// At the engine it is the path `input/phone`. Paths of transmissions have no slash, so none of them can be the same.
public enum InputAddress {
    public static let scheme = "input"
    /// Characters of a name at most.
    public static let nameLimit = 64
    /// What the engine's paths of inputs begin with; of RTMP it is the application.
    public static let folder = "input"

    /// Such as `phone`; nil for every other address, and for a name that can't stand in one.
    public static func name(in address: String) -> String? {
        guard isOne(address) else { return nil }
        let name = String(address.dropFirst(scheme.utf8.count + 1))
        return (1...nameLimit).contains(name.utf8.count) && Slug.make(name) == name ? name : nil
    }

    /// Whether an address is meant for an input, right or wrong.
    public static func isOne(_ address: String) -> Bool { address.hasPrefix(scheme + ":") }

    /// The engine's path of an input.
    public static func enginePath(of name: String) -> String { "\(folder)/\(name)" }

    /// Where workers read an input: from the engine, on this machine.
    public static func readingURL(of name: String, rtspPort: Int) -> String {
        "\(readingPrefix)\(rtspPort)/\(enginePath(of: name))"
    }

    /// The input that an address of ``readingURL(of:rtspPort:)`` reads; nil for every other address.
    public static func name(readBy address: String) -> String? {
        guard address.hasPrefix(readingPrefix) else { return nil }
        let parts = address.dropFirst(readingPrefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, Int(parts[0]) != nil, parts[1] == folder else { return nil }
        return name(in: "\(scheme):\(parts[2])")
    }

    private static let readingPrefix = "rtsp://127.0.0.1:"
}

/// The key with which a program sends to an input. It stands in addresses as it is.
public enum InputKey {
    public static let lengthRange = 8...128

    /// RFC 3986 §2.3: what no address has to escape.
    public static func isUsable(_ key: String) -> Bool {
        lengthRange.contains(key.utf8.count)
            && key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._~".contains($0)) }
    }
}

/// The address of a destination, taken apart as far as it has to be checked.
enum DestinationAddress {
    /// Host and port in small letters; nil for what is no address.
    static func authority(_ address: String) -> String? {
        guard let scheme = address.firstRange(of: "://") else { return nil }
        let rest = address[scheme.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return host.lowercased()
    }

    /// What is wrong with it: what is accepted here can be opened, and nothing in it is a secret that answers would show.
    ///
    /// - Parameter hasKey: whether there is a key beside the address, or may be.
    static func problem(of destination: StreamDestination, hasKey: Bool) -> CodedMessage? {
        let (kind, address) = (destination.kind, destination.address)
        let example = kind.example
        guard address.lowercased().hasPrefix("\(kind.rawValue)://"), let authority = authority(address) else {
            return CodedMessage(
                "destination_address_scheme", "Write the address with \(kind.rawValue)://, such as \(example).",
                ["scheme": .string(kind.rawValue), "example": .string(example)])
        }
        if address.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7f })
        {
            return CodedMessage(
                "destination_address_space",
                "The address has a space or a control character in it. Remove it, or write a space as %20.")
        }
        let (host, port) = hostAndPort(authority)
        if host.isEmpty, !(kind == .srt && destination.srtMode == .listener) {
            return CodedMessage(
                "destination_address_host", "The address names no host. Write it such as \(example).",
                ["example": .string(example)])
        }
        if kind == .srt { return problemOfSRT(address, port) }
        if let port, UInt16(port) ?? 0 == 0 { return portProblem }
        return kind.isRTMP ? problemOfRTMP(address, example: example, hasKey: hasKey) : nil
    }

    private static let portProblem = CodedMessage(
        "destination_address_port", "The address needs a port from 1 to 65535.")

    /// libav would take options out of the query, where a passphrase would be shown.
    private static func problemOfSRT(_ address: String, _ port: Substring?) -> CodedMessage? {
        guard let port, UInt16(port) ?? 0 != 0 else { return portProblem }
        guard address.contains("?") || address.contains("@") else { return nil }
        return CodedMessage(
            "destination_address_query",
            "Write host and port alone; mode, latency, passphrase and stream id have fields of their own.")
    }

    /// `rtmp://host/application` and the key behind it: without an application there is nothing that the key would stand behind, and
    /// who copies both at once would show the key to everybody.
    private static func problemOfRTMP(_ address: String, example: String, hasKey: Bool) -> CodedMessage? {
        guard let scheme = address.firstRange(of: "://") else { return nil }
        let segments = address[scheme.upperBound...].prefix { $0 != "?" }.split(separator: "/")
        guard segments.count > 1 else {
            return CodedMessage(
                "destination_address_application",
                "The address names no application behind the host. Write it such as \(example).",
                ["example": .string(example)])
        }
        guard !hasKey, segments.count > 2 else { return nil }
        return CodedMessage(
            "destination_key_in_address",
            "Write the last part of the address, behind its last slash, as the key: answers show addresses, and never keys."
        )
    }

    private static func hostAndPort(_ authority: String) -> (host: Substring, port: Substring?) {
        let end =
            authority.hasPrefix("[") ? authority.firstIndex(of: "]") ?? authority.startIndex : authority.startIndex
        guard let colon = authority[end...].lastIndex(of: ":") else { return (authority[...], nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }
}

extension DestinationKind {
    fileprivate var example: String {
        switch self {
        case .rtmp: "rtmp://live.example.org/app"
        case .rtmps: "rtmps://live.example.org/app"
        case .srt: "srt://live.example.org:9000"
        case .rtsp: "rtsp://server.example.org:8554/live"
        }
    }
}

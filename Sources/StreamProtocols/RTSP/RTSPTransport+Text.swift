extension RTSPTransport: CustomStringConvertible {
    /// Reads a `Transport` header: the alternatives in the order of preference. Alternatives that are not RTP, or
    /// whose ports and channels can't be understood, are left out; parameters that are not known are ignored.
    public static func parse(_ header: String) throws(RTSPHeaderError) -> [RTSPTransport] {
        let transports = HeaderText.split(header, at: 0x2C).compactMap(RTSPTransport.init(alternative:))
        guard !transports.isEmpty else { throw RTSPHeaderError(header: "Transport", value: header) }
        return transports
    }

    private init?(alternative: String) {
        let parts = HeaderText.split(alternative, at: 0x3B)
        // It should come first, but not every client knows.
        guard let specification = parts.first(where: { $0.hasPrefixIgnoringASCIICase("RTP/") })?.uppercased() else {
            return nil
        }
        let levels = specification.split(at: "/", maxSplits: 3, omittingEmpty: false)
        guard levels.count >= 2, levels.joined().utf8.allSatisfy(\.isASCIILetterOrDigit) else { return nil }
        // RFC 2326 §12.39: the lower transport is UDP when it is not said.
        guard let lowerTransport = levels.count > 2 ? LowerTransport(rawValue: String(levels[2])) : .udp else {
            return nil
        }
        // §12.39 makes multicast the default, but every client that says nothing means unicast.
        self.init(profile: "\(levels[0])/\(levels[1])", lowerTransport: lowerTransport)
        for part in parts {
            guard apply(HeaderText.parameter(part)) else { return nil }
        }
    }

    /// - Returns: whether the parameter could be understood or does not matter.
    private mutating func apply(_ parameter: (name: String, value: String)) -> Bool {
        let value = parameter.value
        switch parameter.name {
        case "unicast": delivery = .unicast
        case "multicast": delivery = .multicast
        case "interleaved":
            guard let pair: (UInt8, UInt8) = Self.pair(value) else { return false }
            interleaved = ChannelPair(rtp: pair.0, rtcp: pair.1)
        case "client_port":
            guard let pair: (UInt16, UInt16) = Self.pair(value) else { return false }
            clientPort = PortPair(rtp: pair.0, rtcp: pair.1)
        case "server_port":
            guard let pair: (UInt16, UInt16) = Self.pair(value) else { return false }
            serverPort = PortPair(rtp: pair.0, rtcp: pair.1)
        case "port":
            guard let pair: (UInt16, UInt16) = Self.pair(value) else { return false }
            port = PortPair(rtp: pair.0, rtcp: pair.1)
        case "ssrc":
            // Cameras send it in lengths and bases of their own; a wrong one is worth no refusal.
            ssrc = UInt32(value, radix: 16)
        case "ttl": ttl = UInt8(value)
        case "source": source = value.isEmpty ? nil : value
        case "destination": destination = value.isEmpty ? nil : value
        case "mode":
            // §12.39: the value may be quoted, and PLAY is often in capitals. Old ffmpeg says "receive".
            mode = value.equalsIgnoringASCIICase("receive") ? .record : Mode(rawValue: value.lowercased())
        default: break
        }
        return true
    }

    /// `a-b`, or `a` alone, whose partner is the next number.
    private static func pair<Value: FixedWidthInteger>(_ text: String) -> (Value, Value)? {
        guard let (first, second) = text.splitOnce(at: "-") else {
            guard let value = Value(text), value < Value.max else { return nil }
            return (value, value + 1)
        }
        guard let low = Value(first.trimmingASCIIWhitespace()), let high = Value(second.trimmingASCIIWhitespace())
        else { return nil }
        return (low, high)
    }

    /// The alternative as it stands in a header.
    public var description: String {
        var parts = [lowerTransport == .tcp ? "\(profile)/TCP" : profile, delivery.rawValue]
        if let destination { parts.append("destination=\(HeaderText.value(destination))") }
        if let source { parts.append("source=\(HeaderText.value(source))") }
        if let interleaved { parts.append("interleaved=\(interleaved.rtp)-\(interleaved.rtcp)") }
        if let port { parts.append("port=\(port.rtp)-\(port.rtcp)") }
        if let ttl { parts.append("ttl=\(ttl)") }
        if let clientPort { parts.append("client_port=\(clientPort.rtp)-\(clientPort.rtcp)") }
        if let serverPort { parts.append("server_port=\(serverPort.rtp)-\(serverPort.rtcp)") }
        // §12.39: eight hexadecimal digits.
        if let ssrc { parts.append("ssrc=\(Hex.uppercase(ssrc))") }
        if let mode { parts.append("mode=\(mode.rawValue)") }
        return parts.joined(separator: ";")
    }

    /// A `Transport` header of several alternatives.
    public static func header(_ transports: [RTSPTransport]) -> String {
        transports.map(\.description).joined(separator: ",")
    }
}

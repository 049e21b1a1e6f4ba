extension SessionDescription {
    /// Reads a description leniently: lines that are malformed, unknown or out of order are skipped, because the
    /// descriptions of cameras rarely follow the standard to the letter.
    public init(parsing bytes: some Collection<UInt8>) throws(SDPError) {
        guard bytes.count <= SDPLimits.byteCount else {
            throw .tooLong(byteCount: bytes.count, limit: SDPLimits.byteCount)
        }
        // RFC 4566 §5 ends lines with CRLF and asks to accept LF; some cameras send CR alone.
        let lines = [UInt8](bytes).split(maxSplits: SDPLimits.lineCount, omittingEmptySubsequences: true) {
            $0 == 0x0A || $0 == 0x0D || $0 == 0
        }
        guard lines.count <= SDPLimits.lineCount else { throw .tooManyLines(limit: SDPLimits.lineCount) }
        let fields = lines.compactMap(SDPLine.init(bytes:))
        // The version is left out by some cameras that begin with a media line (gortsplib issue 448).
        guard fields.contains(where: { $0.type == "m" || $0.type == "v" && $0.value == "0" }) else {
            throw .notADescription
        }
        self.init()
        for field in fields {
            if field.type == "m" {
                guard media.count < SDPLimits.mediaCount else { throw .tooManyMedia(limit: SDPLimits.mediaCount) }
                media.append(try MediaDescription(mediaLine: field.value))
            } else if let index = media.indices.last {
                media[index].apply(field)
            } else {
                apply(field)
            }
        }
    }

    private mutating func apply(_ field: SDPLine) {
        switch field.type {
        case "o": origin = Origin(parsing: field.value) ?? origin
        case "s": name = field.value
        case "i": information = field.value
        case "c": connection = field.value
        case "b": bandwidths.append(field.value)
        case "t": timing = field.value
        case "a": attributes.append(SDPAttribute(parsing: field.value))
        default: break
        }
    }

    /// The description as text, lines in the order of RFC 4566 §5.
    public func serialized() -> String {
        var text = SDPText()
        text.add("v", "0")
        text.add("o", origin.description)
        // §5.3: the name must not be empty; a space or a dash stands for none.
        text.add("s", name.isEmpty ? "-" : name)
        if let information { text.add("i", information) }
        if let connection { text.add("c", connection) }
        for bandwidth in bandwidths { text.add("b", bandwidth) }
        text.add("t", timing)
        for attribute in attributes { text.add("a", attribute.description) }
        for description in media { description.append(to: &text) }
        return text.lines
    }
}

extension SessionDescription.Origin: CustomStringConvertible {
    init?(parsing value: String) {
        let parts = value.split(at: " ").map(String.init)
        guard parts.count >= 6 else { return nil }
        // Some cameras put a space into the user name; the other five never have one.
        let last = [String](parts.suffix(5))
        self.init(
            userName: parts.dropLast(5).joined(separator: " "),
            sessionID: last[0],
            sessionVersion: last[1],
            networkType: last[2],
            addressType: last[3],
            address: last[4]
        )
    }

    /// The line's value.
    public var description: String {
        "\(userName) \(sessionID) \(sessionVersion) \(networkType) \(addressType) \(address)"
    }
}

extension SDPAttribute: CustomStringConvertible {
    init(parsing value: String) {
        guard let (name, rest) = value.splitOnce(at: ":") else {
            self.init(value.trimmingASCIIWhitespace())
            return
        }
        self.init(name.trimmingASCIIWhitespace(), rest.trimmingASCIIWhitespace())
    }

    /// The line's value.
    public var description: String { value.map { "\(name):\($0)" } ?? name }
}

extension MediaDescription {
    /// `video 0 RTP/AVP 96` (RFC 4566 §5.14).
    init(mediaLine value: String) throws(SDPError) {
        let parts = value.split(at: " ").map(String.init)
        guard parts.count >= 3 else { throw .malformedMedia(printable(value.utf8)) }
        // `49170/2` tells the number of ports; a port of 0 is what a bad one means for RTSP.
        let port = parts[1].split(at: "/", maxSplits: 1).first.flatMap { UInt16($0) } ?? 0
        self.init(
            kind: Kind(rawValue: parts[0].lowercased()),
            port: port,
            protocolName: parts[2],
            formats: [String](parts.dropFirst(3))
        )
    }

    fileprivate mutating func apply(_ field: SDPLine) {
        switch field.type {
        case "i": title = field.value
        case "c": connections.append(field.value)
        case "b": bandwidths.append(field.value)
        case "a": attributes.append(SDPAttribute(parsing: field.value))
        default: break
        }
    }

    fileprivate func append(to text: inout SDPText) {
        text.add("m", "\(kind.rawValue) \(port) \(protocolName) \(formats.joined(separator: " "))")
        if let title { text.add("i", title) }
        for connection in connections { text.add("c", connection) }
        for bandwidth in bandwidths { text.add("b", bandwidth) }
        for attribute in attributes { text.add("a", attribute.description) }
    }
}

/// `<type>=<value>` (RFC 4566 §5).
private struct SDPLine {
    var type: String
    var value: String

    init?(bytes: ArraySlice<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self).trimmingASCIIWhitespace()
        guard let (type, value) = text.splitOnce(at: "="), type.utf8.count == 1 else { return nil }
        self.type = type.lowercased()
        self.value = value.trimmingASCIIWhitespace()
    }
}

/// Lines being written; a line end in a value would begin a line of its own, so it becomes a space.
private struct SDPText {
    var lines = ""

    mutating func add(_ type: String, _ value: String) {
        var bytes: [UInt8] = []
        bytes.appendHeaderText(value)
        lines += "\(type)=\(String(decoding: bytes, as: UTF8.self))\r\n"
    }
}

/// Reads RTSP messages from a byte stream, however it is cut (RFC 2326 §4, §10.12).
///
/// Append what came, then call `next()` until it returns nil. What is held is bounded by the limits and by the size
/// of the last append. After an error, `next()` throws the same error for ever.
public struct RTSPDecoder: Sendable {
    public let limits: RTSPLimits

    private var buffer: [UInt8] = []
    /// Where the next unread byte is.
    private var position = 0
    private var state = State.start
    private var failure: RTSPError?

    private enum State: Sendable {
        /// Before a message; line ends and interleaved data may come.
        case start
        /// In the head of a message: the lines so far, and where to go on looking for a line end.
        case head(PartialHead)
        case body(StartLine, RTSPHeaders, byteCount: Int)
    }

    private struct PartialHead: Sendable {
        var startLine: StartLine?
        var headers = RTSPHeaders()
        var byteCount = 0
        /// Bytes of the unfinished line that are known to hold no line end.
        var scanned = 0
    }

    public init(limits: RTSPLimits = .init()) {
        self.limits = limits
    }

    /// Takes bytes that came from the peer.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        guard failure == nil else { return }
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
            position = 0
        } else if position >= Self.compactionThreshold, position >= buffer.count / 2 {
            // Moving at most as many bytes as were read since the last time keeps the whole linear.
            buffer.removeSubrange(..<position)
            position = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole message; nil when more bytes are needed.
    public mutating func next() throws(RTSPError) -> RTSPMessage? {
        if let failure { throw failure }
        do {
            return try readMessage()
        } catch {
            failure = error
            buffer = []
            position = 0
            throw error
        }
    }

    private static let compactionThreshold = 4096
    private static let keptCapacity = 1 << 17
    private static let dollar: UInt8 = 0x24

    private var unread: ArraySlice<UInt8> { buffer.dropFirst(position) }

    private mutating func readMessage() throws(RTSPError) -> RTSPMessage? {
        while true {
            switch state {
            case .start:
                guard let first = unread.first else { return nil }
                if first == 0x0D || first == 0x0A {
                    // RFC 2616 §4.1: empty lines before a message are skipped.
                    position += 1
                } else if first == Self.dollar {
                    return readInterleaved()
                } else {
                    state = .head(PartialHead())
                }
            case .head(var head):
                // The headers must have one owner while they grow.
                state = .start
                guard let line = try readLine(&head) else {
                    state = .head(head)
                    return nil
                }
                if line.isEmpty, let startLine = head.startLine {
                    if let message = try endHead(startLine, head.headers) { return message }
                } else {
                    try take(line, into: &head)
                    state = .head(head)
                }
            case .body(let startLine, let headers, let byteCount):
                let body = unread.prefix(byteCount)
                guard body.count == byteCount else { return nil }
                position += byteCount
                state = .start
                return startLine.message(headers: headers, body: [UInt8](body))
            }
        }
    }

    private mutating func readInterleaved() -> RTSPMessage? {
        var reader = ByteReader(unread)
        guard
            reader.skip(1), let channel = reader.readUInt8(), let length = reader.readUInt16(),
            let payload = reader.readBytes(Int(length))
        else { return nil }
        position += 4 + payload.count
        return .interleaved(channel: channel, payload: [UInt8](payload))
    }

    /// The next line without its end, CR LF or LF alone (RFC 2326 §4 asks to accept both).
    private mutating func readLine(_ head: inout PartialHead) throws(RTSPError) -> ArraySlice<UInt8>? {
        let bytes = unread
        guard let end = bytes.dropFirst(head.scanned).firstIndex(of: 0x0A) else {
            head.scanned = bytes.count
            guard head.scanned <= limits.lineByteCount else { throw .lineTooLong(limit: limits.lineByteCount) }
            return nil
        }
        var line = bytes[..<end]
        guard line.count <= limits.lineByteCount else { throw .lineTooLong(limit: limits.lineByteCount) }
        head.scanned = 0
        head.byteCount += line.count + 1
        guard head.byteCount <= limits.headByteCount else { throw .headTooLong(limit: limits.headByteCount) }
        position += line.count + 1
        if line.last == 0x0D { line.removeLast() }
        // RFC 2616 §2.2: no text holds control characters; a CR alone would be a line end to another reader.
        guard line.allSatisfy({ $0 >= 0x20 || $0 == 0x09 }) else {
            throw head.startLine == nil ? .malformedStartLine(printable(line)) : .malformedHeader(printable(line))
        }
        return line
    }

    /// Takes one line of the head.
    private func take(_ line: ArraySlice<UInt8>, into head: inout PartialHead) throws(RTSPError) {
        guard head.startLine != nil else {
            head.startLine = try StartLine(parsing: line)
            return
        }
        if line.first == 0x20 || line.first == 0x09, !head.headers.fields.isEmpty {
            head.headers.continueLast(with: String(decoding: line, as: UTF8.self).trimmingASCIIWhitespace())
            return
        }
        guard head.headers.fields.count < limits.headerCount else {
            throw .tooManyHeaders(limit: limits.headerCount)
        }
        guard let colon = line.firstIndex(of: 0x3A) else { throw .malformedHeader(printable(line)) }
        let name = String(decoding: line[..<colon], as: UTF8.self).trimmingASCIIWhitespace()
        guard !name.isEmpty else { throw .malformedHeader(printable(line)) }
        let value = String(decoding: line[colon...].dropFirst(), as: UTF8.self).trimmingASCIIWhitespace()
        head.headers.add(name, value)
    }

    private mutating func endHead(
        _ startLine: StartLine,
        _ headers: RTSPHeaders
    ) throws(RTSPError) -> RTSPMessage? {
        let byteCount = try contentLength(headers)
        guard byteCount > 0 else {
            state = .start
            return startLine.message(headers: headers, body: [])
        }
        state = .body(startLine, headers, byteCount: byteCount)
        return nil
    }

    private func contentLength(_ headers: RTSPHeaders) throws(RTSPError) -> Int {
        let values = headers.all("Content-Length")
        guard let value = values.first else { return 0 }
        // Two different lengths are how messages are smuggled past a proxy.
        guard values.allSatisfy({ $0 == value }), value.utf8.allSatisfy(\.isASCIIDigit), !value.isEmpty else {
            throw .invalidContentLength(printable(values.joined(separator: ", ").utf8))
        }
        // Too many digits for Int are too many bytes as well.
        let byteCount = Int(value) ?? Int.max
        guard byteCount <= limits.bodyByteCount else {
            throw .bodyTooLarge(byteCount: byteCount, limit: limits.bodyByteCount)
        }
        return byteCount
    }
}

/// The first line of a message (RFC 2326 §6.1, §7.1).
private enum StartLine: Sendable {
    case request(RTSPMethod, uri: String)
    case response(RTSPStatus)

    init(parsing line: ArraySlice<UInt8>) throws(RTSPError) {
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefixIgnoringASCIICase("RTSP/") {
            self = .response(try Self.status(text, line))
        } else {
            self = try Self.request(text, line)
        }
    }

    private static func status(_ text: String, _ line: ArraySlice<UInt8>) throws(RTSPError) -> RTSPStatus {
        let parts = text.split(at: " ", maxSplits: 2)
        guard parts.count >= 2, parts[1].utf8.count == 3, let code = Int(parts[1]), (100...599).contains(code) else {
            throw .malformedStartLine(printable(line))
        }
        try checkVersion(parts[0])
        return RTSPStatus(code: code, reason: parts.count > 2 ? String(parts[2]) : "")
    }

    private static func request(_ text: String, _ line: ArraySlice<UInt8>) throws(RTSPError) -> StartLine {
        // The URI is what stands between the first and the last space: some clients leave spaces in it unescaped.
        guard
            let (method, rest) = text.splitOnce(at: " "), let lastSpace = rest.utf8.lastIndex(of: 0x20),
            isToken(method)
        else { throw .malformedStartLine(printable(line)) }
        let uri = rest[..<lastSpace].trimmingASCIIWhitespace()
        let version = rest[rest.utf8.index(after: lastSpace)...]
        guard !uri.isEmpty, version.hasPrefixIgnoringASCIICase("RTSP/") else {
            throw .malformedStartLine(printable(line))
        }
        try checkVersion(version)
        return .request(RTSPMethod(rawValue: String(method)), uri: uri)
    }

    private static func checkVersion(_ version: Substring) throws(RTSPError) {
        guard version.equalsIgnoringASCIICase("RTSP/1.0") else {
            throw .unsupportedVersion(printable(version.utf8))
        }
    }

    /// RFC 2616 §2.2; the letters, digits, `_` and `-` are all that method names use.
    private static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte.isASCIILetterOrDigit || byte == 0x5F || byte == 0x2D
            }
    }

    func message(headers: RTSPHeaders, body: [UInt8]) -> RTSPMessage {
        switch self {
        case .request(let method, let uri):
            .request(RTSPRequest(method: method, uri: uri, headers: headers, body: body))
        case .response(let status):
            .response(RTSPResponse(status: status, headers: headers, body: body))
        }
    }
}

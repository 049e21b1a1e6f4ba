import StreamProtocols

extension Property {
    /// A byte stream of messages, cut anywhere: the same comes out as when it comes at once.
    static let rtsp = Property(name: "rtsp", longestInput: 1 << 17) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        var input = InputReader(bytes)
        let pieceSize = Int(input.byte()) + 1
        let whole = decode(input.rest, pieceSize: max(input.rest.count, 1))
        let pieces = decode(input.rest, pieceSize: pieceSize)
        try require(whole == pieces, "pieces of \(pieceSize): \(pieces), at once: \(whole)")
        for message in whole.messages {
            let written = decode(serialized(message)[...], pieceSize: 1 << 20)
            try require(
                written.messages.map(withoutLength) == [withoutLength(message)], "\(message) became \(written)")
        }
    }

    private struct Decoded: Equatable {
        var messages: [RTSPMessage] = []
        var error: RTSPError?
    }

    private static func decode(_ bytes: ArraySlice<UInt8>, pieceSize: Int) -> Decoded {
        // Room for what is written with separators that the input did not have.
        var decoder = RTSPDecoder(limits: RTSPLimits(lineByteCount: 1 << 18, headByteCount: 1 << 19))
        var decoded = Decoded()
        var rest = bytes
        while !rest.isEmpty, decoded.error == nil {
            decoder.append(rest.prefix(pieceSize))
            rest = rest.dropFirst(pieceSize)
            do throws(RTSPError) {
                while let message = try decoder.next() { decoded.messages.append(message) }
            } catch {
                decoded.error = error
            }
        }
        return decoded
    }

    private static func serialized(_ message: RTSPMessage) -> [UInt8] {
        switch message {
        case .request(let request): request.serialized()
        case .response(let response): response.serialized()
        case .interleaved(let channel, let payload):
            [0x24, channel, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)] + payload
        }
    }

    /// `Content-Length` is set when a message is written.
    private static func withoutLength(_ message: RTSPMessage) -> RTSPMessage {
        switch message {
        case .request(var request):
            request.headers["Content-Length"] = nil
            return .request(request)
        case .response(var response):
            response.headers["Content-Length"] = nil
            return .response(response)
        case .interleaved: return message
        }
    }

    /// One header, which the first byte names.
    static let headers = Property(name: "headers", longestInput: 8192) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        var input = InputReader(bytes)
        let kind = input.byte() % 6
        let text = String(decoding: input.rest, as: UTF8.self)
        switch kind {
        case 0:
            try stable(text, read: { try? RTSPTransport.parse($0) }, write: { RTSPTransport.header($0) })
        case 1:
            try stable(text, read: { try? RTPInfo.parse($0) }, write: { RTPInfo.header($0) })
        case 2:
            // Written to the millisecond.
            guard let range = try? RTSPRange(parsing: text) else { return }
            try stable(range.description, read: { try? RTSPRange(parsing: $0) }, write: { $0.description })
        case 3:
            try stable(text, read: { try? RTSPSessionHeader(parsing: $0) }, write: { $0.description })
        case 4:
            guard let credentials = try? HTTPCredentials(parsing: text) else { return }
            _ = credentials.description
            switch credentials {
            case .basic(let basic):
                try stable(basic.authorization, read: { try? HTTPCredentials(parsing: $0) }, write: authorization)
            case .digest(let response):
                _ = response.verify(password: "x", method: "DESCRIBE")
                try stable(text, read: { try? HTTPCredentials(parsing: $0) }, write: authorization)
            case .bearer: break
            }
        default:
            try stable(text, read: { DigestChallenge.parse($0) }, write: { $0.header })
            guard let challenge = DigestChallenge.parse(text) else { return }
            let answer = challenge.authorization(
                for: BasicCredentials(user: "u", password: "p"), method: "PLAY", uri: "rtsp://h/s", cnonce: "c")
            try require(answer.verify(password: "p", method: "PLAY"), "our own answer to \(text) is wrong")
            try require(answer.answers(challenge), "our own answer to \(text) is to another challenge")
        }
    }

    private static func authorization(_ credentials: HTTPCredentials) -> String {
        switch credentials {
        case .basic(let basic): basic.authorization
        case .digest(let response): response.authorization
        case .bearer(let token): "Bearer \(token.value)"
        }
    }

    /// What was read is the same when it is written and read again.
    private static func stable<Value: Equatable>(
        _ text: String, read: (String) -> Value?, write: (Value) -> String
    ) throws(Violation) {
        guard let value = read(text) else { return }
        let written = write(value)
        // A header that is longer than any that is read can't come back.
        guard written.utf8.count <= HTTPCredentials.byteCountLimit else { return }
        let again = read(written)
        try require(again == value, "\(text.debugDescription) was written as \(written.debugDescription)")
    }

    static let url = Property(name: "url", longestInput: 4200) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        let parts = bytes.split(separator: 0x0A, maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
        guard let text = parts.first else { return }
        if parts.count > 1 { _ = RTSPURL.resolve(control: parts[1], base: text) }
        guard let url = try? RTSPURL(parsing: text) else { return }
        _ = url.description
        let written = url.requestURI
        guard written.utf8.count <= RTSPURL.byteCountLimit else { return }
        let again = try? RTSPURL(parsing: written)
        try require(
            again?.host == url.host && again?.port == url.port && again?.path == url.path && again?.query == url.query,
            "\(text.debugDescription) was written as \(written.debugDescription)")
    }
}

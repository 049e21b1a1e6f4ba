import NIOCore
import NIOWebSocket

/// What a client sends, from frames to messages: a value, which says what is to be done.
struct WebSocketInput {
    enum Action: Equatable {
        case message(WebSocketMessage)
        case pong(ByteBuffer)
        /// The client has said goodbye, which is answered.
        case goodbye(WebSocketErrorCode)
        /// The client does what it may not.
        case refuse(WebSocketErrorCode, reason: String)
        case none
    }

    /// Bytes of a message, of whatever number of frames: an offer of WebRTC is the longest.
    static let messageLimit = 64 << 10
    private static let fragmentLimit = 64
    /// Messages in any ``rateInterval``; a player that looks for its candidates sends some tens.
    static let messageRate = 100
    static let rateInterval: Duration = .seconds(10)

    /// The message that is being received in fragments.
    private var fragments: (opcode: WebSocketOpcode, content: ByteBuffer, count: Int)?
    private var interval: Duration?
    private var messageCount = 0

    /// - Parameter now: since some moment.
    mutating func take(_ frame: WebSocketFrame, at now: Duration) -> Action {
        // RFC 6455 §5.1, §5.2: no extension was agreed on, and clients mask.
        guard frame.maskKey != nil, frame.reservedBits.isEmpty else {
            return .refuse(.protocolError, reason: "The frame is not masked, or of an unknown extension.")
        }
        let content = frame.unmaskedData
        switch frame.opcode {
        case .ping: return .pong(content)
        case .pong: return .none
        case .connectionClose:
            var content = content
            return .goodbye(content.readWebSocketErrorCode() ?? .normalClosure)
        case .text, .binary:
            guard fragments == nil else {
                return .refuse(.protocolError, reason: "A message begins within another.")
            }
            return append(content, to: (frame.opcode, ByteBuffer(), 0), isLast: frame.fin, now)
        case .continuation:
            guard let fragments else { return .refuse(.protocolError, reason: "Nothing is to be continued.") }
            return append(content, to: fragments, isLast: frame.fin, now)
        default: return .refuse(.protocolError, reason: "The frame is of an unknown kind.")
        }
    }

    private mutating func append(
        _ content: ByteBuffer, to begun: (opcode: WebSocketOpcode, content: ByteBuffer, count: Int), isLast: Bool,
        _ now: Duration
    ) -> Action {
        var begun = begun
        begun.count += 1
        begun.content.writeImmutableBuffer(content)
        guard begun.content.readableBytes <= Self.messageLimit, begun.count <= Self.fragmentLimit else {
            return .refuse(.messageTooLarge, reason: "The message is too long.")
        }
        guard isLast else {
            fragments = begun
            return .none
        }
        fragments = nil
        if interval.map({ now - $0 >= Self.rateInterval }) ?? true { (interval, messageCount) = (now, 0) }
        messageCount += 1
        guard messageCount <= Self.messageRate else {
            return .refuse(.policyViolation, reason: "Too many messages.")
        }
        guard begun.opcode == .text else { return .message(.binary) }
        guard let text = String(validating: begun.content.readableBytesView, as: UTF8.self) else {
            return .refuse(.dataInconsistentWithMessage, reason: "The text is not UTF-8.")
        }
        return .message(.text(text))
    }
}

/// What a client has sent.
enum WebSocketMessage: Sendable, Equatable {
    case text(String)
    /// Nobody here reads what is in it.
    case binary
}

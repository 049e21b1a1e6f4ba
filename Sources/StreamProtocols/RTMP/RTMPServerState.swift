/// A connection of RTMP (Adobe's specification 1.0) as the server sees it: bytes go in; what is to be sent, and what happened, comes
/// out. It takes one stream that is published.
public struct RTMPServerState: Sendable {
    public enum Event: Sendable, Equatable {
        /// Somebody wants to publish. Nothing more is read until ``accept()``.
        case publish(RTMPTarget)
        /// Of the stream that is published: pictures, sound, or what is said about them.
        case media(RTMPMessage)
        /// Nothing more will come.
        case ended
    }

    /// Bytes from a client until it has asked to publish: the handshake, and commands.
    static let limitBeforePublishing = 64 << 10
    /// Bytes of a message of media: more than any picture has.
    static let mediaMessageLimit = 8 << 20
    private static let commandMessageLimit = 16 << 10
    private static let version: UInt8 = 3
    /// C1, C2, S1 and S2 (§5.2).
    private static let handshakeSize = 1536
    /// What we write in one chunk: all that we send.
    private static let chunkSize = 4096
    private static let window: UInt32 = 2_500_000
    private static let streamID: UInt32 = 1

    private enum Phase: Sendable {
        case handshake
        case acknowledgingHandshake
        case connecting
        /// Of the application that is named.
        case connected(application: String)
        case deciding
        case publishing
        case ended
    }

    private var phase = Phase.handshake
    private var beginning: [UInt8] = []
    private var chunks = RTMPChunkReader(messageLimit: RTMPServerState.commandMessageLimit)
    private var output: [UInt8] = []
    private var receivedByteCount = 0
    private var acknowledgedByteCount = 0
    private var peerWindow = Int(RTMPServerState.window)

    public init() {}

    /// What is to be sent now.
    public mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// Whether it waits for ``accept()``; what comes meanwhile is only kept.
    public var isDeciding: Bool { if case .deciding = phase { true } else { false } }

    /// Takes what has come.
    ///
    /// - Throws: ``RTMPError``; the connection is of no use then.
    public mutating func receive(_ bytes: some Collection<UInt8>) throws(RTMPError) -> [Event] {
        receivedByteCount += bytes.count
        switch phase {
        case .publishing, .ended: break
        case .handshake, .acknowledgingHandshake, .connecting, .connected, .deciding:
            guard receivedByteCount <= Self.limitBeforePublishing else { throw .tooMuchBeforePublishing }
        }
        if isShakingHands {
            beginning += bytes
            guard try shakeHands() else { return [] }
            chunks.append(beginning)
            beginning = []
        } else {
            chunks.append(bytes)
        }
        let events = try readMessages()
        acknowledge()
        return events
    }

    /// Lets the client publish.
    ///
    /// - Returns: what had come already.
    public mutating func accept() throws(RTMPError) -> [Event] {
        phase = .publishing
        chunks.messageLimit = Self.mediaMessageLimit
        send(RTMPMessage(.userControl, payload: [0, 0, 0, 0, 0, UInt8(Self.streamID)]))
        sendStatus("NetStream.Publish.Start", isError: false, "The stream is being published.")
        return try readMessages()
    }

    /// Does not let the client publish; the connection is to be closed when this was sent.
    public mutating func refuse(_ sentence: String) {
        phase = .ended
        sendStatus("NetStream.Publish.Denied", isError: true, sentence)
    }

    // MARK: Handshake

    private var isShakingHands: Bool {
        switch phase {
        case .handshake, .acknowledgingHandshake: true
        case .connecting, .connected, .deciding, .publishing, .ended: false
        }
    }

    /// - Returns: whether it is done; what is left in `beginning` are chunks then.
    private mutating func shakeHands() throws(RTMPError) -> Bool {
        if case .handshake = phase {
            if let version = beginning.first, version != Self.version { throw .wrongVersion(version) }
            guard beginning.count > Self.handshakeSize else { return false }
            let first = beginning[1...Self.handshakeSize]
            // S0; S1 of the time 0, four zeros and bytes that mean nothing; S2, which says again what the client said.
            output.append(Self.version)
            output += [UInt8](repeating: 0, count: Self.handshakeSize)
            output += first
            beginning.removeFirst(Self.handshakeSize + 1)
            phase = .acknowledgingHandshake
        }
        guard beginning.count >= Self.handshakeSize else { return false }
        beginning.removeFirst(Self.handshakeSize)
        phase = .connecting
        return true
    }

    // MARK: Messages

    private mutating func readMessages() throws(RTMPError) -> [Event] {
        var events: [Event] = []
        while !isDeciding, let message = try chunks.next() {
            if let event = try receive(message) { events.append(event) }
        }
        return events
    }

    private mutating func receive(_ message: RTMPMessage) throws(RTMPError) -> Event? {
        switch message.kind {
        case .windowAcknowledgementSize:
            var reader = ByteReader(message.payload[...])
            if let size = reader.readUInt32(), size > 0 { peerWindow = Int(size) }
            return nil
        case .userControl:
            // A ping is answered with what it holds (§7.1.7).
            if message.payload.prefix(2).elementsEqual([0, 6]), message.payload.count == 6 {
                send(RTMPMessage(.userControl, payload: [0, 7] + message.payload.dropFirst(2)))
            }
            return nil
        case .audio, .video, .dataAMF0, .dataAMF3:
            guard case .publishing = phase else { return nil }
            return .media(message)
        case .commandAMF0, .commandAMF3:
            guard message.payload.count <= Self.commandMessageLimit, let values = message.values,
                let name = values.first?.text
            else { throw .malformedCommand }
            return try receive(command: name, values)
        case .setChunkSize, .abort, .acknowledgement, .setPeerBandwidth, nil: return nil
        }
    }

    private mutating func receive(command name: String, _ values: [AMF0Value]) throws(RTMPError) -> Event? {
        let transaction = values.dropFirst().first?.number ?? 0
        switch (name, phase) {
        case ("connect", .connecting):
            guard let application = values.dropFirst(2).first?["app"]?.text else { throw .malformedCommand }
            phase = .connected(application: application)
            answerConnect(transaction)
        case ("createStream", .connected):
            send(command: [.string("_result"), .number(transaction), .null, .number(Double(Self.streamID))])
        case ("publish", .connected(let application)):
            guard let stream = values.dropFirst(3).first?.text else { throw .malformedCommand }
            phase = .deciding
            return .publish(RTMPTarget(application: application, stream: stream))
        case ("deleteStream", .publishing), ("FCUnpublish", .publishing), ("closeStream", .publishing):
            phase = .ended
            return .ended
        case ("play", _), ("play2", _): throw .notPublishing("play")
        // Some tell that they are about to publish, and wait for no answer.
        default: break
        }
        return nil
    }

    // MARK: Answers

    private mutating func answerConnect(_ transaction: Double) {
        send(RTMPMessage(.windowAcknowledgementSize, payload: [UInt8](bigEndian: Self.window)))
        // Dynamic (§5.4.5).
        send(RTMPMessage(.setPeerBandwidth, payload: [UInt8](bigEndian: Self.window) + [2]))
        send(RTMPMessage(.setChunkSize, payload: [UInt8](bigEndian: UInt32(Self.chunkSize))))
        send(command: [
            .string("_result"), .number(transaction),
            .object(["fmsVer": .string("FMS/3,0,1,123"), "capabilities": .number(31)]),
            .object([
                "level": .string("status"), "code": .string("NetConnection.Connect.Success"),
                "description": .string("Connected."), "objectEncoding": .number(0),
            ]),
        ])
    }

    private mutating func sendStatus(_ code: String, isError: Bool, _ sentence: String) {
        send(
            command: [
                .string("onStatus"), .number(0), .null,
                .object([
                    "level": .string(isError ? "error" : "status"), "code": .string(code),
                    "description": .string(sentence),
                ]),
            ], streamID: Self.streamID)
    }

    private mutating func send(command values: [AMF0Value], streamID: UInt32 = 0) {
        output += RTMPMessage(command: values, streamID: streamID)
            .serialized(chunkStreamID: 3, chunkSize: Self.chunkSize)
    }

    private mutating func send(_ message: RTMPMessage) {
        output += message.serialized(chunkStreamID: 2, chunkSize: Self.chunkSize)
    }

    /// Some stop sending when nobody says that it came (§5.4.3).
    private mutating func acknowledge() {
        guard receivedByteCount - acknowledgedByteCount >= peerWindow / 2, !isShakingHands else { return }
        acknowledgedByteCount = receivedByteCount
        send(
            RTMPMessage(
                .acknowledgement, payload: [UInt8](bigEndian: UInt32(truncatingIfNeeded: receivedByteCount))))
    }
}

import ControlPlane
import HTTPTypes
import NIOCore
import NIOWebSocket
import StreamModel
import Testing

@testable import WebServer

@Suite struct WebSocketTests {
    /// RFC 6455 §1.3.
    private static let handshake: HTTPFields = [
        .upgrade: "websocket", .connection: "keep-alive, Upgrade", .secWebSocketVersion: "13",
        .secWebSocketKey: "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    @Test func handshakeOfTheStandardIsAnsweredAsItSays() throws {
        let answer = try WebSocketHandshake.answer(Self.handshake)
        #expect(answer[.secWebSocketAccept] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(answer[.upgrade] == "websocket" && answer[.connection] == "Upgrade")
    }

    @Test(
        arguments: [
            (.upgrade, "h2c"), (.connection, "keep-alive"), (.secWebSocketVersion, "8"), (.secWebSocketKey, "c2hvcnQ="),
        ] as [(HTTPField.Name, String)])
    func otherRequestsAreRefused(name: HTTPField.Name, value: String) {
        var headers = Self.handshake
        headers[name] = value
        #expect(throws: WebSocketHandshake.Refusal.self) { try WebSocketHandshake.answer(headers) }
    }

    // MARK: Frames out (RFC 6455 §5.7)

    @Test func headersAreWrittenIntoTheRoomBeforeTheContent() {
        #expect([UInt8](WebSocketFraming.text("Hello").readableBytesView) == [0x81, 5] + Array("Hello".utf8))
        let cases: [(Int, [UInt8])] = [(256, [0x82, 0x7E, 1, 0]), (65_536, [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0])]
        for (length, header) in cases {
            var content = ByteBuffer(repeating: 9, count: WebSocketFraming.headroom + length)
            content.moveReaderIndex(to: WebSocketFraming.headroom)
            let frame = WebSocketFraming.frame(.binary, around: content)
            #expect([UInt8](frame.readableBytesView.prefix(header.count)) == header)
            #expect(frame.readableBytes == header.count + length)
        }
    }

    // MARK: Frames in

    private static func frame(
        _ opcode: WebSocketOpcode, _ text: String = "", fin: Bool = true, isMasked: Bool = true
    ) -> WebSocketFrame {
        let key: WebSocketMaskingKey = [1, 2, 3, 4]
        var data = ByteBuffer(string: text)
        if isMasked { data.webSocketMask(key) }
        return WebSocketFrame(fin: fin, opcode: opcode, maskKey: isMasked ? key : nil, data: data)
    }

    private static func actions(_ frames: [WebSocketFrame], at time: Duration = .zero) -> [WebSocketInput.Action] {
        var input = WebSocketInput()
        return frames.map { input.take($0, at: time) }
    }

    @Test func messagesAreReadWholeAndInFragmentsWithControlFramesBetween() {
        let actions = Self.actions([
            Self.frame(.text, "one"), Self.frame(.text, "tw", fin: false), Self.frame(.ping, "?"), Self.frame(.pong),
            Self.frame(.continuation, "o"), Self.frame(.binary, "x"),
        ])
        #expect(
            actions == [
                .message(.text("one")), .none, .pong(ByteBuffer(string: "?")), .none, .message(.text("two")),
                .message(.binary),
            ])
    }

    @Test func whatNoClientMaySendIsRefused() {
        func code(_ frames: [WebSocketFrame]) -> WebSocketErrorCode? {
            if case .refuse(let code, _) = Self.actions(frames).last { code } else { nil }
        }
        #expect(code([Self.frame(.text, "a", isMasked: false)]) == .protocolError)
        #expect(code([Self.frame(.continuation, "a")]) == .protocolError)
        #expect(code([Self.frame(.text, "a", fin: false), Self.frame(.text, "b")]) == .protocolError)
        #expect(code([Self.frame(WebSocketOpcode(encodedWebSocketOpcode: 3)!, "a")]) == .protocolError)
        var extended = Self.frame(.text, "a")
        extended.rsv1 = true
        #expect(code([extended]) == .protocolError)
        let long = String(repeating: "x", count: WebSocketInput.messageLimit / 2)
        #expect(
            code([Self.frame(.text, long, fin: false), Self.frame(.continuation, long + "x")]) == .messageTooLarge)
        let crumbs = Array(repeating: Self.frame(.continuation, "", fin: false), count: 80)
        #expect(code([Self.frame(.text, "", fin: false)] + crumbs) == .messageTooLarge)
        let many = Array(repeating: Self.frame(.text, "a"), count: WebSocketInput.messageRate + 1)
        #expect(code(many) == .policyViolation)
        #expect(code(Array(many.dropLast())) == nil)
    }

    // MARK: What waits for a player

    private static func part(_ byteCount: Int, isEntrance: Bool = false) -> MP4Part {
        .fragment(ByteBuffer(repeating: 1, count: byteCount), isEntrance: isEntrance)
    }

    @Test func whoReadsTooSlowlyLosesPartsUpToAnEntranceAndNoText() {
        var queue = PlaybackQueue()
        queue.append(.initialization(ByteBuffer(string: "init")))
        queue.append(Self.part(10, isEntrance: true))
        #expect(queue.take().count == 2)
        queue.caughtUp()
        queue.append(text: "kept")
        for _ in 0..<20 { queue.append(Self.part(100_000)) }
        #expect(queue.take().count == 1)
        queue.append(Self.part(5))
        #expect(queue.isEmpty)
        queue.append(Self.part(6, isEntrance: true))
        queue.append(Self.part(7))
        #expect(queue.take().map(\.readableBytes) == [8, 9])
    }

    @Test func metadataGoesBeforeItsPictureAndIsLeftOutWithIt() throws {
        var queue = PlaybackQueue()
        queue.append(.metadata(["n": 1], seconds: 12.5))
        queue.append(Self.part(5, isEntrance: true))
        let frames = queue.take()
        // Behind the header of two bytes.
        let text = try #require(frames.first?.getString(at: 2, length: (frames.first?.readableBytes ?? 2) - 2))
        #expect(text == #"{"time":12.5,"type":"metadata","value":{"n":1}}"#)
        #expect(frames.count == 2)
        queue.caughtUp()
        for _ in 0..<20 { queue.append(Self.part(100_000)) }
        queue.append(.metadata(["n": 2], seconds: 13))
        #expect(queue.isEmpty)
    }

    @Test func theGroupThatAPlayerBeginsWithMayBeLarge() {
        var queue = PlaybackQueue()
        queue.append(Self.part(1_000_000, isEntrance: true))
        for _ in 0..<7 { queue.append(Self.part(1_000_000)) }
        #expect(queue.take().count == 8)
    }

    @Test func whatAFormerStreamSendsIsForgotten() async {
        let outbox = PlaybackOutbox()
        let (former, current) = (outbox.beginStream(), outbox.beginStream())
        outbox.append(Self.part(1, isEntrance: true), of: former)
        outbox.append(text: "of the former", of: former)
        outbox.append(Self.part(2, isEntrance: true), of: current)
        outbox.end(.normalClosure)
        let frames = await outbox.next()
        #expect(frames?.map(\.readableBytes) == [4, 4])
        #expect(await outbox.next() == nil)
    }

    // MARK: The dialogue

    @Test func dialogueIsThatOfTheDocument() {
        var dialogue = PlaybackDialogue()
        #expect(dialogue.isIdle)
        #expect(dialogue.take(.text(#"{"type":"resume"}"#)) == [])
        #expect(dialogue.take(.text(#"{"type":"mse","value":"avc1.640029"}"#)) == [.open(codecs: "avc1.640029")])
        #expect(!dialogue.isIdle)
        #expect(dialogue.take(.text(#"{"type":"pause"}"#)) == [.close])
        #expect(dialogue.isIdle)
        // What was under way when it paused.
        #expect(dialogue.take(.ended("stream_over", "Over.")) == [])
        #expect(dialogue.take(.text(#"{"type":"resume"}"#)) == [.open(codecs: "avc1.640029")])
        #expect(
            dialogue.take(.ended("stream_over", "Over."))
                == [.say(["type": "error", "value": "mse: Over.", "code": "stream_over"])])
        #expect(dialogue.take(.text(#"{"type":"mse"}"#)) == [.open(codecs: nil)])
    }

    @Test func oneOfferIsPassedOnAtATime() {
        var dialogue = PlaybackDialogue()
        let offer = #"{"type":"webrtc/offer","value":"v=0"}"#
        #expect(dialogue.take(.text(offer)) == [.offer(description: "v=0")])
        #expect(dialogue.take(.text(#"{"type":"webrtc/candidate","value":"candidate:1"}"#)) == [])
        #expect(dialogue.take(.text(offer)).count == 1)
        #expect(
            dialogue.take(.answered(description: "v=1")) == [.say(["type": "webrtc/answer", "value": "v=1"])])
        #expect(dialogue.take(.text(offer)) == [.offer(description: "v=0")])
        #expect(
            dialogue.take(.offerRefused("engine_silent", "No."))
                == [.say(["type": "error", "value": "webrtc/offer: No.", "code": "engine_silent"])])
    }

    @Test(arguments: ["", "[]", "{}", "{\"type\":1}", "{\"type\":\"mjpeg\"}", "{\"type\":\"webrtc/offer\"}", "\u{0}"])
    func whatIsNoMessageIsAnsweredByAnError(text: String) throws {
        var dialogue = PlaybackDialogue()
        let actions = dialogue.take(.text(text))
        guard case .say(let answer) = try #require(actions.first) else {
            Issue.record("\(actions)")
            return
        }
        #expect(answer.objectValue?["type"] == "error")
    }
}

extension PlaybackDialogue.Event {
    fileprivate static func ended(_ code: String, _ text: String) -> Self { .ended(CodedMessage(code, text)) }
    fileprivate static func offerRefused(_ code: String, _ text: String) -> Self {
        .offerRefused(CodedMessage(code, text))
    }
}

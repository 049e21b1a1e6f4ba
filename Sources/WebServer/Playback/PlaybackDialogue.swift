import Foundation
import StreamModel

/// What a player and the server say to each other at a WebSocket: the messages of go2rtc, and three of our own
/// (`docs/playing-by-websocket.md`). A value: what happens goes in, what is to be done comes out.
struct PlaybackDialogue {
    enum Event: Equatable {
        case text(String)
        case binary
        /// The stream that was opened last has ended, or did not begin.
        case ended(CodedMessage)
        case answered(description: String)
        case offerRefused(CodedMessage)
    }

    enum Action: Equatable {
        /// Sends the stream, in place of the one that is sent.
        case open(codecs: String?)
        case close
        case say(JSONValue)
        case offer(description: String)
    }

    private enum Stream {
        case none
        case playing(codecs: String?)
        case paused(codecs: String?)
    }

    private var stream = Stream.none
    private var isOffering = false

    /// Whether nothing is sent, and nothing is being prepared.
    var isIdle: Bool {
        if case .playing = stream { false } else { !isOffering }
    }

    mutating func take(_ event: Event) -> [Action] {
        switch event {
        case .text(let text): message(text)
        case .binary: [.say(Self.error("", "Messages are texts.", code: "message_unreadable"))]
        case .ended(let message): ended(message)
        case .answered(let description): answered(["type": "webrtc/answer", "value": .string(description)])
        case .offerRefused(let message): answered(Self.error("webrtc/offer", message.text, code: message.code))
        }
    }

    private mutating func message(_ text: String) -> [Action] {
        guard let message = try? JSONValue(parsing: Data(text.utf8)),
            let type = message.objectValue?["type"]?.stringValue
        else { return [.say(Self.error("", "The message is no JSON object with a type.", code: "message_unreadable"))] }
        let value = message.objectValue?["value"]?.stringValue
        switch (type, stream) {
        case ("mse", _): return play(codecs: value?.isEmpty == false ? value : nil)
        case ("pause", .playing(let codecs)):
            stream = .paused(codecs: codecs)
            return [.close]
        case ("resume", .paused(let codecs)): return play(codecs: codecs)
        case ("pause", _), ("resume", _): return []
        case ("webrtc/offer", _):
            guard !isOffering, let value else {
                return [.say(Self.error(type, "One offer at a time, as a text.", code: "message_unreadable"))]
            }
            isOffering = true
            return [.offer(description: value)]
        // The answer has all candidates of the server, which learns the player's from its checks.
        case ("webrtc/candidate", _): return []
        default:
            return [.say(Self.error(String(type.prefix(32)), "not supported", code: "message_unknown"))]
        }
    }

    private mutating func play(codecs: String?) -> [Action] {
        stream = .playing(codecs: codecs)
        return [.open(codecs: codecs)]
    }

    private mutating func ended(_ message: CodedMessage) -> [Action] {
        guard case .playing = stream else { return [] }
        stream = .none
        return [.say(Self.error("mse", message.text, code: message.code))]
    }

    private mutating func answered(_ answer: JSONValue) -> [Action] {
        isOffering = false
        return [.say(answer)]
    }

    /// As go2rtc has it: the type of what failed, then why.
    static func error(_ type: String, _ text: String, code: String) -> JSONValue {
        ["type": "error", "value": .string(type.isEmpty ? text : "\(type): \(text)"), "code": .string(code)]
    }

    /// The JSON of the picture that is shown at a time of the stream.
    static func metadata(_ value: JSONValue, seconds: Double) -> JSONValue {
        ["type": "metadata", "value": value, "time": .number(seconds)]
    }

    /// What a stream begins with.
    static func beginning(_ contentType: String) -> JSONValue { ["type": "mse", "value": .string(contentType)] }
}

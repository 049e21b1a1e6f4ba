internal import StreamModel

/// What went wrong in a media operation, with libav's own code and text.
///
/// `description` is for logs; ``userMessage`` is the sentence that a user sees. Neither ever holds a password.
public struct MediaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The causes that a caller handles differently.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case endOfStream
        case timedOut
        case interrupted
        case unauthorized
        case notFound
        case refused
        case unreachable
        case invalidData
        case noVideo
        case unsupported
        case other
    }

    /// libav's error code (`AVERROR`), or 0 when the failure was found by us.
    public let code: Int32
    /// What was being done, such as `open input`.
    public let operation: String
    /// What it was done to: a redacted URL, a codec's name.
    public let subject: String?
    public let kind: Kind
    /// The text of the cause: libav's own, or ours when `code` is 0.
    public let reason: String

    public init(kind: Kind, operation: String, subject: String? = nil, reason: String, code: Int32 = 0) {
        self.code = code
        self.operation = operation
        self.subject = subject
        self.kind = kind
        self.reason = reason
    }

    public var description: String {
        let target = subject.map { " \($0)" } ?? ""
        let number = code == 0 ? "" : " (\(code))"
        return "\(operation)\(target): \(reason)\(number)"
    }

    /// The entity of a camera that Home Assistant does not give, whatever it is that went wrong between it and us: an address
    /// or an account to look at is only there.
    public var homeAssistantEntity: String? {
        switch kind {
        case .interrupted, .noVideo, .unsupported: nil
        case .endOfStream, .timedOut, .unauthorized, .notFound, .refused, .unreachable, .invalidData, .other:
            subject.flatMap(HomeAssistantAddress.entity)
        }
    }

    /// The input that nothing comes from, because no program sends to it.
    public var silentInput: String? {
        switch kind {
        case .interrupted, .noVideo, .unsupported, .unauthorized, .invalidData, .other: nil
        case .endOfStream, .timedOut, .notFound, .refused, .unreachable: subject.flatMap(InputAddress.name(readBy:))
        }
    }

    private var homeAssistantMessage: String? {
        homeAssistantEntity.map {
            "Home Assistant gives no picture of \($0); look there whether it is still called so, and whether it shows a picture."
        }
    }

    /// One sentence about a camera that gave pictures with the same settings before: they are not what is wrong.
    public var userMessageOfAwayCamera: String {
        if let message = homeAssistantMessage { return message }
        if let silentInput {
            return
                "Nothing is sent to the input '\(silentInput)' any more; it is shown again as soon as a program sends."
        }
        let what: String? =
            switch kind {
            case .endOfStream: "it ended the stream"
            case .timedOut: "it does not answer"
            case .notFound: "it answers, but its stream is not there"
            case .refused: "it refuses the connection"
            case .unreachable: "it can't be reached"
            case .interrupted, .unauthorized, .invalidData, .noVideo, .unsupported, .other: nil
            }
        return what.map { "\(subject ?? "the source") is away: \($0); it is shown again as soon as it is back." }
            ?? userMessage
    }

    /// One sentence that says what is wrong and what to do about it.
    public var userMessage: String {
        if let message = homeAssistantMessage { return message }
        if let silentInput {
            return "Nothing is sent to the input '\(silentInput)' yet; start the program that sends to it."
        }
        let target = subject ?? "the source"
        switch kind {
        case .endOfStream:
            return "\(target) ended the stream; it is opened again by itself if it is a camera."
        case .timedOut:
            return
                "\(target) did not answer in time; check that it is switched on and that the address and port are right."
        case .interrupted:
            return "Opening \(target) was cancelled; try again."
        case .unauthorized:
            return "\(target) refused the user name or password; enter the ones of the camera's own account."
        case .notFound:
            return "\(target) does not exist there; check the path part of the address in the camera's manual."
        case .refused:
            return "\(target) refused the connection; check the port, and that streaming is enabled on the camera."
        case .unreachable:
            return "\(target) could not be reached; check the host name and that it is on the same network."
        case .invalidData:
            return
                "\(target) sent something that is not a video stream; check that the address is a stream, not a web page."
        case .noVideo:
            return "\(target) has no picture, only sound or data; choose the address of a video stream."
        case .unsupported:
            return "\(target) cannot be used: \(reason)."
        case .other:
            return "\(target) failed (\(operation): \(reason)); try again, and look in the log if it stays."
        }
    }
}

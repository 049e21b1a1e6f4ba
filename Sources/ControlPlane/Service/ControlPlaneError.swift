import StreamModel

/// Why the control plane did not do what a request asked for. Every text is a sentence for the user, without secrets.
public enum ControlPlaneError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The named thing does not exist: the 404 answer.
    case notFound(CodedMessage)
    /// Something that may exist once exists already, or is still in use: the 409 answer. Nothing was changed.
    case conflict(CodedMessage)
    /// Fields of the request are wrong: the 422 answer. Nothing was changed.
    case invalid(ValidationError)
    /// The request can't be carried out as it stands, such as "Unknown host_server_id: X": the 400 answer.
    case badRequest(CodedMessage)
    /// What was shown does not open this, or not any more: the 403 answer.
    case forbidden(CodedMessage)
    /// What is behind this server did not answer as it should: the 502 answer.
    case badGateway(CodedMessage)
    /// The name and password of a viewer are missing or wrong: the 401 answer.
    case unauthorized(CodedMessage)
    /// What is to be changed is not as the request expects it: the 412 answer. Nothing was changed.
    case preconditionFailed(CodedMessage)
    /// Too much of the same is going on; try again later: the 503 answer.
    case busy(CodedMessage)
    /// More was sent than is read: the 413 answer.
    case tooLarge(CodedMessage)
    /// Name and password of a user, or the code of the first start, are wrong: the 401 answer.
    case signInRefused(CodedMessage)
    /// Too many tries; the next counts after some seconds: the 429 answer.
    case tooManyTries(CodedMessage, retryAfterSeconds: Int)
    /// The engine did not do what was asked: the 500 answer, such as "Failed to start streaming engine: …".
    case engineFailed(CodedMessage)
    /// The store could not be read or written, for example because the disk is full: the 500 answer. Nothing was changed.
    case storeFailed(CodedMessage)

    public var description: String { message.text }

    /// The sentence, with its code.
    public var message: CodedMessage {
        switch self {
        case .notFound(let message), .conflict(let message), .badRequest(let message), .forbidden(let message),
            .badGateway(let message), .tooLarge(let message), .unauthorized(let message),
            .preconditionFailed(let message), .busy(let message),
            .signInRefused(let message), .tooManyTries(let message, _), .engineFailed(let message),
            .storeFailed(let message):
            message
        case .invalid(let error): .freeText(error.description)
        }
    }

    static func unknownHost(_ id: String) -> Self {
        .badRequest(CodedMessage("unknown_host", "Unknown host_server_id: \(id)", ["host": .string(id)]))
    }
    static let transmissionNotFound = Self.notFound(CodedMessage("transmission_gone", "Transmission not found"))
    static let outputNotFound = Self.notFound(CodedMessage("output_gone", "Output not found"))
    static let destinationNotFound = Self.notFound(CodedMessage("destination_gone", "Destination not found"))
    static let cameraNotFound = Self.notFound(CodedMessage("camera_gone", "Camera not found"))
    static let pipelineNotFound = Self.notFound(CodedMessage("pipeline_gone", "Pipeline not found"))
    static let userNotFound = Self.notFound(CodedMessage("user_gone", "User not found"))
    static let sessionNotFound = Self.notFound(CodedMessage("session_gone", "Session not found"))
    static let tokenNotFound = Self.notFound(CodedMessage("token_gone", "Token not found"))

    /// - Parameter delay: until the next password is looked at.
    static func mustWait(_ delay: Duration) -> Self {
        let seconds = Int(delay.components.seconds) + 1
        return .tooManyTries(
            CodedMessage(
                "sign_in_too_many_tries", "Too many wrong passwords. Try again in \(seconds) s.",
                ["seconds": .integer(seconds)]), retryAfterSeconds: seconds)
    }
}

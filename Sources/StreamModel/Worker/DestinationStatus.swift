/// How it goes with a destination.
public enum DestinationState: String, CaseIterable, Codable, Sendable {
    /// Switched off, or what it belongs to is.
    case off
    /// It is called, or a call is waited for.
    case connecting
    case sending
    /// It could not be reached, or broke off; it is tried again after a while.
    case waiting
}

/// What a worker says of a destination; counters run since it was switched on, or its settings changed.
public struct DestinationStatus: Hashable, Sendable, Codable {
    public var transmissionID: String
    public var destinationID: String
    public var state: DestinationState
    /// One sentence about what is wrong and what to do; nil while all is well.
    public var message: String?
    public var messageCode: MessageCode?
    /// When it is tried again, in seconds since 1970.
    public var retryAtUnix: Double?
    /// Since when it has been sent, in seconds since 1970; nil while it is not.
    public var sendingSinceUnix: Double?
    public var framesSent: Int
    /// Pictures that came faster than they could be sent.
    public var framesDropped: Int
    /// Of coded pictures and sound.
    public var bytesSent: Int
    /// Over the last report.
    public var bitrateKbps: Double?
    /// How many times it could not be reached, or broke off.
    public var failureCount: Int

    enum CodingKeys: String, CodingKey {
        case state, message
        case transmissionID = "transmission_id"
        case destinationID = "destination_id"
        case messageCode = "message_code"
        case retryAtUnix = "retry_at_unix"
        case sendingSinceUnix = "sending_since_unix"
        case framesSent = "frames_sent"
        case framesDropped = "frames_dropped"
        case bytesSent = "bytes_sent"
        case bitrateKbps = "bitrate_kbps"
        case failureCount = "failure_count"
    }

    public init(transmissionID: String, destinationID: String, state: DestinationState) {
        self.transmissionID = transmissionID
        self.destinationID = destinationID
        self.state = state
        framesSent = 0
        framesDropped = 0
        bytesSent = 0
        failureCount = 0
    }

    /// `<transmission id>:<destination id>`
    public var key: String { "\(transmissionID):\(destinationID)" }
}

extension DestinationStatus {
    /// What is wrong with the destination.
    public var coded: CodedMessage? { message.map { CodedMessage(messageCode, $0) } }
}

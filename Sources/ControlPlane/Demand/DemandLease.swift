import StreamModel

/// Names the wish of one player to go on watching a transmission, which ends by itself when the player does not renew it.
struct DemandLease: Hashable, Sendable {
    var transmissionID: String
    /// Chosen by the player.
    var playbackSessionID: String
}

/// The body of `POST /transmissions/{id}/demand/heartbeat`.
public struct HeartbeatRequest: Sendable {
    /// Bytes of a session's name.
    public static let sessionLengthRange = 1...128
    public static let secondsRange = 5...1800
    /// Three heartbeats of our own player.
    static let defaultSeconds = 45

    var playbackSessionID: String
    var seconds: Int

    /// - Throws: ``ValidationError`` naming all that is wrong.
    init(json: JSONValue) throws(ValidationError) {
        let issues = IssueList()
        self.init(reading: ObjectReader(json, at: ["body"], issues: issues))
        try issues.throwIfAny()
    }

    public static let shape = ObjectShape { _ = HeartbeatRequest(reading: $0) }

    private init(reading reader: ObjectReader) {
        playbackSessionID = reader.requiredString("playback_session_id")
        seconds = reader.integer("ttl_seconds", in: Self.secondsRange, default: Self.defaultSeconds)
        if reader.has("playback_session_id"), !Self.sessionLengthRange.contains(playbackSessionID.utf8.count) {
            reader.report(
                .freeText("Value error, use 1 to \(Self.sessionLengthRange.upperBound) bytes"),
                at: "playback_session_id")
        }
        reader.forbidUnknownMembers()
    }
}

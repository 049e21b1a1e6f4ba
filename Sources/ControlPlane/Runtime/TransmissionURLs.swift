import StreamModel

/// Where the enabled outputs of a transmission are watched (contract A.2, `GET /transmissions/{id}/urls`).
public struct TransmissionURLs: Hashable, Sendable {
    public struct Output: Hashable, Sendable {
        public var outputID: String
        public var `protocol`: OutputProtocol
        public var resolvedEnginePath: String
        public var url: String
        /// The same by TLS, where the engine serves that.
        public var rtspsURL: String?
        public var requiresAuth: Bool
        public var authUsername: String?
        /// Why nobody can watch it there, as a sentence; nil when they can, or could if the engine ran.
        public var problem: CodedMessage?
        /// Where a page watches it; nil when a page can't, or has to show a password for it first:
        /// ``StreamingService/playback(transmissionID:outputID:credentials:address:)``.
        public var playback: PlaybackAddress?

        public var json: JSONValue {
            let members: [String: JSONValue] = [
                "output_id": .string(outputID), "protocol": .string(`protocol`.rawValue),
                "resolved_engine_path": .string(resolvedEnginePath), "url": .string(url),
                "rtsps_url": JSONValue(rtspsURL),
                "requires_auth": .bool(requiresAuth), "auth_username": JSONValue(authUsername),
                "playback_url": JSONValue(playback?.url), "h264_playback_url": JSONValue(playback?.h264URL),
                "playback_expires_in_seconds": JSONValue(playback?.expiresInSeconds),
            ]
            return .object(members.merging(CodedMessage.members("problem", problem)) { first, _ in first })
        }
    }

    public var transmissionID: String
    public var engineRunning: Bool
    public var outputs: [Output]
    public var warnings: [CodedMessage]

    public var json: JSONValue {
        [
            "transmission_id": .string(transmissionID), "engine_running": .bool(engineRunning),
            "outputs": .array(outputs.map(\.json)), "warnings": .array(warnings.map { .string($0.text) }),
            "warning_messages": .array(warnings.map(\.json)),
        ]
    }
}

/// Where everything is watched (`GET /urls`).
public struct AllURLs: Hashable, Sendable {
    public var engineRunning: Bool
    public var transmissions: [TransmissionURLs]

    public var json: JSONValue {
        ["engine_running": .bool(engineRunning), "transmissions": .array(transmissions.map(\.json))]
    }
}

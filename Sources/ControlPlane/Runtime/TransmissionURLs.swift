import StreamModel

/// Where the enabled outputs of a transmission are watched (contract A.2, `GET /transmissions/{id}/urls`).
public struct TransmissionURLs: Hashable, Sendable {
    public struct Output: Hashable, Sendable {
        public var outputID: String
        public var `protocol`: OutputProtocol
        public var resolvedEnginePath: String
        public var url: String
        public var requiresAuth: Bool
        public var authUsername: String?

        public var json: JSONValue {
            [
                "output_id": .string(outputID), "protocol": .string(`protocol`.rawValue),
                "resolved_engine_path": .string(resolvedEnginePath), "url": .string(url),
                "requires_auth": .bool(requiresAuth), "auth_username": JSONValue(authUsername),
            ]
        }
    }

    public var transmissionID: String
    public var engineRunning: Bool
    public var outputs: [Output]
    public var warnings: [String]

    public var json: JSONValue {
        [
            "transmission_id": .string(transmissionID), "engine_running": .bool(engineRunning),
            "outputs": .array(outputs.map(\.json)), "warnings": .array(warnings.map(JSONValue.string)),
        ]
    }
}

import StreamModel

/// Who watches a transmission (contract A.2, `GET /transmissions/{id}/demand`).
public struct DemandStatus: Hashable, Sendable {
    public struct Output: Hashable, Sendable {
        public var outputID: String
        /// `<transmission id>:<output id>`
        public var outputKey: String
        public var viewerCount: Int

        public var json: JSONValue {
            [
                "output_id": .string(outputID), "output_key": .string(outputKey),
                "viewer_count": .integer(viewerCount),
            ]
        }
    }

    public var transmissionID: String
    /// Whether anybody watches, or has said that it does by a lease.
    public var demandSignal: Bool
    public var viewerCountTotal: Int
    public var outputs: [Output]

    public var json: JSONValue {
        [
            "transmission_id": .string(transmissionID), "demand_signal": .bool(demandSignal),
            "viewer_count_total": .integer(viewerCountTotal), "outputs": .array(outputs.map(\.json)),
        ]
    }
}

/// What a heartbeat did (`POST /transmissions/{id}/demand/heartbeat`).
public struct LeaseResult: Hashable, Sendable {
    public var transmissionID: String
    public var playbackSessionID: String
    /// How many distinct encodings are kept running: none while the engine or the transmission is switched off.
    public var leasedOutputs: Int
    public var seconds: Int

    public var json: JSONValue {
        [
            "transmission_id": .string(transmissionID), "playback_session_id": .string(playbackSessionID),
            "leased_outputs": .integer(leasedOutputs), "ttl_seconds": .integer(seconds),
        ]
    }
}

/// What a prime did (contract A.2, `POST /transmissions/{id}/demand/prime`).
public struct PrimeResult: Hashable, Sendable {
    public var transmissionID: String
    public var primed: Bool
    /// How many distinct encodings were asked to start.
    public var primedOutputs: Int

    public var json: JSONValue {
        [
            "transmission_id": .string(transmissionID), "primed": .bool(primed),
            "primed_outputs": .integer(primedOutputs),
        ]
    }
}

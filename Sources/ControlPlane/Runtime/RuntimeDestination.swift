import StreamModel

/// How it goes with a destination (`GET /runtime/destinations`).
public struct RuntimeDestination: Hashable, Sendable {
    /// What the worker says, or what is known without it.
    public var status: DestinationStatus
    public var kind: DestinationKind
    /// What is going on and what to do.
    public var message: CodedMessage

    init(
        _ destination: StreamDestination, of transmission: Transmission,
        _ worker: (plan: IslandPlan, state: WorkerState)?
    ) {
        kind = destination.kind
        var status = DestinationStatus(
            transmissionID: transmission.id, destinationID: destination.id, state: .off)
        if let reason = Self.whyOff(destination, transmission) {
            message = reason
        } else {
            status.state = .connecting
            let spec = worker?.plan.configuration.renditions.first { rendition in
                rendition.transmissionID == transmission.id
                    && rendition.destinations.contains { $0.id == destination.id }
            }
            let rendition = spec.flatMap { worker?.state.renditions[$0.id] }
            status = worker?.state.destinations[status.key] ?? status
            if let rendition, rendition.state == .failed, let reason = rendition.coded {
                status.state = .waiting
                message = reason
            } else if let reason = worker?.state.lastError {
                status.state = .waiting
                message = reason
            } else {
                message = status.coded ?? Self.usual(status.state)
            }
        }
        message = message.redacted
        self.status = status
    }

    private static func whyOff(_ destination: StreamDestination, _ transmission: Transmission) -> CodedMessage? {
        if !destination.active { return CodedMessage("destination_off", "It is switched off.") }
        if !transmission.enabled {
            return CodedMessage("transmission_off", "This transmission is switched off. Switch it on to watch it.")
        }
        guard transmission.hostServerID != ServerID.local else { return nil }
        return CodedMessage(
            "foreign_host", "The server '\(transmission.hostServerID)' serves this transmission; look there.",
            ["host": .string(transmission.hostServerID)])
    }

    private static func usual(_ state: DestinationState) -> CodedMessage {
        state == .sending
            ? CodedMessage("destination_sending", "It is being sent.")
            : CodedMessage("destination_connecting", "It is being connected to.")
    }

    public var json: JSONValue {
        .object(
            [
                "destination_key": .string(status.key), "destination_id": .string(status.destinationID),
                "transmission_id": .string(status.transmissionID), "kind": .string(kind.rawValue),
                "state": .string(status.state.rawValue), "retry_at_unix": JSONValue(status.retryAtUnix),
                "sending_since_unix": JSONValue(status.sendingSinceUnix),
                "bitrate_kbps": JSONValue(status.bitrateKbps), "bytes_sent": .integer(status.bytesSent),
                "frames_sent": .integer(status.framesSent), "frames_dropped": .integer(status.framesDropped),
                "failure_count": .integer(status.failureCount),
                "message": .string(message.text), "message_code": .string(message.code),
                "message_parameters": .object(message.parameters),
            ])
    }
}

/// All destinations, in the order of their transmissions.
public struct RuntimeDestinations: Hashable, Sendable {
    public var updatedAtUnix: Double
    public var destinations: [RuntimeDestination]

    public var json: JSONValue {
        ["updated_at_unix": .number(updatedAtUnix), "destinations": .array(destinations.map(\.json))]
    }
}

import StreamModel

/// What runs for an output (contract A.2, `GET /runtime/outputs`), and `state` and `message` of our own.
public struct RuntimeOutput: Hashable, Sendable {
    /// `<transmission id>:<output id>`
    public var outputKey: String
    public var outputID: String
    public var transmissionID: String
    public var `protocol`: OutputProtocol
    public var resolvedEnginePath: String
    public var viewerCount: Int
    public var publisherRunning: Bool
    /// The worker's process.
    public var publisherPID: Int?
    public var publisherFramesSent: Int
    public var publisherLastError: CodedMessage?
    public var publisherActiveCodec: String?
    public var publisherHardwareAccelerated: Bool
    public var publisherRestartCount: Int
    /// What its encoder counts and measures; outputs that share an encoding share it. Nil while it does not run.
    public var counters: OutputCounters?
    /// What did not arrive from its cameras.
    public var cameraLosses: CameraLosses
    /// Whether the camera's pictures are passed on as they are or encoded; nil until that is known.
    public var mode: RenditionMode?
    /// One sentence that says why.
    public var modeReason: CodedMessage?
    /// What its viewers hear, and a sentence about it; nil while that is not known.
    public var sound: OutputSound
    /// Since when viewers see the placeholder because no camera gives a picture; it says the same moment.
    public var noSignalSinceUnix: Double?
    public var state: OutputState
    /// What is going on and what to do.
    public var message: CodedMessage

    public var json: JSONValue {
        .object(
            members.merging(OutputCounters.json(counters)) { $1 }
                .merging(CodedMessage.members("publisher_last_error", publisherLastError)) { $1 }
                .merging(CodedMessage.members("mode_reason", modeReason)) { $1 }
                .merging(sound.members) { $1 })
    }

    private var members: [String: JSONValue] {
        [
            "output_key": .string(outputKey), "output_id": .string(outputID),
            "transmission_id": .string(transmissionID), "protocol": .string(`protocol`.rawValue),
            "resolved_engine_path": .string(resolvedEnginePath), "viewer_count": .integer(viewerCount),
            "demand_signal": .bool(viewerCount > 0), "publisher_running": .bool(publisherRunning),
            "publisher_pid": JSONValue(publisherPID), "publisher_frames_sent": .integer(publisherFramesSent),
            "publisher_active_codec": JSONValue(publisherActiveCodec),
            "publisher_hardware_accelerated": .bool(publisherHardwareAccelerated),
            "publisher_restart_count": .integer(publisherRestartCount),
            "camera_packets_lost": .integer(cameraLosses.packets),
            "camera_pictures_broken": .integer(cameraLosses.pictures),
            "mode": JSONValue(mode?.rawValue),
            "no_signal_since_unix": JSONValue(noSignalSinceUnix),
            "state": .string(state.rawValue), "message": .string(message.text),
            "message_code": .string(message.code), "message_parameters": .object(message.parameters),
        ]
    }
}

/// All outputs, sorted by transmission and output.
public struct RuntimeOutputs: Hashable, Sendable {
    public var updatedAtUnix: Double
    public var outputs: [RuntimeOutput]

    public var json: JSONValue {
        ["updated_at_unix": .number(updatedAtUnix), "outputs": .array(outputs.map(\.json))]
    }
}

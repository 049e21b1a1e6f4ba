/// Whether a camera gives pictures.
public enum CameraState: String, Codable, Sendable {
    case connecting, live, lost
}

/// What a worker says of a camera.
public struct CameraStatus: Hashable, Sendable, Codable {
    public var cameraID: String
    public var state: CameraState
    /// One sentence about what is wrong and what to do; nil while all is well.
    public var message: String?
    /// Of the sentence; nil for one that is only there in English.
    public var messageCode: MessageCode?
    public var codec: String?
    public var width: Int?
    public var height: Int?
    /// Frames a second as the camera announces them.
    public var fps: Double?
    /// How it had to be read; nil before it was.
    public var access: CameraAccess?
    /// What its sound is, for the next worker: a session description (RFC 4566), empty without sound; nil before it was read.
    public var sound: String?
    /// The same for people, also of a kind that is not passed on; nil without sound.
    public var audio: AudioSummary?
    /// nil where nobody counts them.
    public var losses: CameraLosses?

    enum CodingKeys: String, CodingKey {
        case state, message, codec, width, height, fps, access, sound, audio, losses
        case cameraID = "camera_id"
        case messageCode = "message_code"
    }

    public init(cameraID: String, state: CameraState, message: String? = nil, code: MessageCode? = nil) {
        self.cameraID = cameraID
        self.state = state
        self.message = message
        messageCode = code
    }
}

/// Whether a rendition reaches the engine.
public enum RenditionState: String, Codable, Sendable {
    /// Not wanted by anybody.
    case cold
    /// The encoder or the connection to the engine is being opened.
    case starting
    /// Published; what viewers see is the camera's picture.
    case live
    /// Published; what viewers see is the placeholder.
    case placeholder
    /// The engine is away; the encoder waits for it.
    case reconnecting
    /// It can't be encoded.
    case failed
}

/// Where a rendition's pictures come from.
public enum RenditionMode: String, CaseIterable, Codable, Sendable {
    /// The camera's coded pictures are passed on as they are.
    case copy
    /// They are scaled and encoded.
    case encode
}

/// What a worker says of a rendition; counters run since the rendition was started.
public struct RenditionStatus: Hashable, Sendable, Codable {
    public var id: String
    public var state: RenditionState
    /// One sentence about what is wrong and what to do; nil while all is well.
    public var message: String?
    /// Of the sentence; nil for one that is only there in English.
    public var messageCode: MessageCode?
    /// Pictures that came from the transmission, encoded or not.
    public var framesReceived: Int
    public var framesSent: Int
    /// Frames encoded a second time because no new one came in time.
    public var framesRepeated: Int
    /// Frames that were not encoded because newer ones had come, or because the engine was too slow.
    public var framesDropped: Int
    public var bytesSent: Int
    /// The encoder's name, such as `libx264`; `copy` while there is none.
    public var codec: String?
    /// Whether that encoder is not the CPU.
    public var hardwareAccelerated: Bool
    /// Nil until it is known.
    public var mode: RenditionMode?
    /// One sentence: `encoded: the output wants 640×360, the camera sends 1920×1080`.
    public var modeReason: CodedMessage?
    public var restartCount: Int
    /// The mean time that a frame took in scaler and encoder over the last report, in milliseconds.
    public var encodeMilliseconds: Double?
    /// The time that all frames together took in scaler and encoder.
    public var encodeSeconds: Double
    /// The mean time from a picture's capture until it was handed to the publishers, over the last report, in milliseconds.
    public var delayMilliseconds: Double?
    /// Frames a second that were sent over the last report.
    public var framesPerSecond: Double?
    /// What was sent over the last report, to one target, in kilobits a second.
    public var bitrateKbps: Double?
    /// When the last frame was sent, in seconds since 1970.
    public var lastFrameAtUnix: Double?
    /// Since when the placeholder is shown because no camera gives a picture, in seconds since 1970; it says the same.
    public var signalLostAtUnix: Double?
    /// Why pictures are kept back while the placeholder is shown; nil where they are not.
    public var rest: RestReason?
    /// What can be heard on engine paths, by their name, in the order of their description; those without sound have none. Nil
    /// before it was told.
    public var sounds: [String: [SoundStatus]]?

    enum CodingKeys: String, CodingKey {
        case id, state, message, codec, mode, rest, sounds
        case messageCode = "message_code"
        case hardwareAccelerated = "hardware_accelerated"
        case modeReason = "mode_reason"
        case framesReceived = "frames_received"
        case framesSent = "frames_sent"
        case framesRepeated = "frames_repeated"
        case framesDropped = "frames_dropped"
        case bytesSent = "bytes_sent"
        case restartCount = "restart_count"
        case encodeMilliseconds = "encode_ms"
        case encodeSeconds = "encode_seconds"
        case delayMilliseconds = "delay_ms"
        case framesPerSecond = "fps"
        case bitrateKbps = "bitrate_kbps"
        case lastFrameAtUnix = "last_frame_at_unix"
        case signalLostAtUnix = "signal_lost_at_unix"
    }

    public init(id: String, state: RenditionState) {
        self.id = id
        self.state = state
        framesReceived = 0
        framesSent = 0
        framesRepeated = 0
        framesDropped = 0
        bytesSent = 0
        encodeSeconds = 0
        restartCount = 0
        hardwareAccelerated = false
    }
}

/// A sound that is published on an engine path.
public struct SoundStatus: Hashable, Sendable, Codable {
    public enum Origin: String, Codable, Sendable {
        /// As the camera sends it.
        case copied
        case encoded
        /// Silence, as the output asks for.
        case silent
    }

    public var audio: AudioSummary
    public var origin: Origin
    /// Of its frames over the last report, without what carries them; nil before it was measured.
    public var bitrateKbps: Double?

    enum CodingKeys: String, CodingKey {
        case audio, origin
        case bitrateKbps = "bitrate_kbps"
    }

    public init(_ audio: AudioSummary, _ origin: Origin, bitrateKbps: Double? = nil) {
        self.audio = audio
        self.origin = origin
        self.bitrateKbps = bitrateKbps
    }
}

/// What opening a camera showed: the answer of `POST /api/cameras/test`.
public struct CameraTestResult: Hashable, Sendable, Codable {
    public var ok: Bool
    /// One sentence: what was found, or what is wrong and what to do.
    public var message: String
    /// What the sentence says, and what it names.
    public var messageCode: String
    public var messageParameters: [String: JSONValue]
    public var codec: String?
    public var width: Int?
    public var height: Int?
    public var fps: Double?
    /// Seconds between keyframes as measured; nil when fewer than two were seen.
    public var keyframeIntervalSeconds: Double?
    /// Whether the stream has B-frames, found by looking at it.
    public var hasBFrames: Bool?
    public var audio: AudioSummary?
    /// What is heard of the camera, in a few words; nil where it was not seen.
    public var sound: CodedMessage?
    /// What tracks of sound there are, in their order, in a few words each; nil where they were not seen.
    public var soundTracks: [CodedMessage]?
    /// The picture as a `data:image/jpeg;base64,…` URL.
    public var still: String?

    enum CodingKeys: String, CodingKey {
        case ok, message, codec, width, height, fps, audio, sound, still
        case messageCode = "message_code"
        case messageParameters = "message_parameters"
        case keyframeIntervalSeconds = "keyframe_interval_seconds"
        case hasBFrames = "has_b_frames"
        case soundTracks = "sound_tracks"
    }

    public init(ok: Bool, _ message: CodedMessage) {
        self.ok = ok
        self.message = message.text
        messageCode = message.code
        messageParameters = message.parameters
    }

    public var coded: CodedMessage {
        get { CodedMessage(messageCode, message, messageParameters) }
        set { (messageCode, message, messageParameters) = (newValue.code, newValue.text, newValue.parameters) }
    }
}

/// What a worker reports: one JSON object a line on its standard output, named by `event`.
public enum WorkerEvent: Hashable, Sendable {
    /// It reads commands now.
    case ready(pid: Int)
    case camera(CameraStatus)
    /// A rendition changed its state, or its counters are reported (once a second while it runs).
    case rendition(RenditionStatus)
    /// The same of a destination.
    case destination(DestinationStatus)
    /// What a step of a pipeline finds in the pictures.
    case finding(FindingReport)
    /// The writer that a transmission shows; nil while it shows the placeholder.
    case activeWriter(transmissionID: String, writerID: String?)
    case cameraTested(requestID: String, CameraTestResult)
    case stillTaken(requestID: String, StillResult)
}

extension WorkerEvent: Codable {
    private enum CodingKeys: String, CodingKey {
        case event, pid, status, report, result
        case requestID = "request_id"
        case transmissionID = "transmission_id"
        case writerID = "writer_id"
    }

    private enum Name: String, Codable {
        case ready, camera, rendition, destination, finding
        case activeWriter = "active_writer"
        case cameraTested = "camera_tested"
        case stillTaken = "still_taken"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Name.self, forKey: .event) {
        case .ready: self = .ready(pid: try container.decode(Int.self, forKey: .pid))
        case .camera: self = .camera(try container.decode(CameraStatus.self, forKey: .status))
        case .rendition: self = .rendition(try container.decode(RenditionStatus.self, forKey: .status))
        case .destination: self = .destination(try container.decode(DestinationStatus.self, forKey: .status))
        case .finding: self = .finding(try container.decode(FindingReport.self, forKey: .report))
        case .activeWriter:
            self = .activeWriter(
                transmissionID: try container.decode(String.self, forKey: .transmissionID),
                writerID: try container.decodeIfPresent(String.self, forKey: .writerID))
        case .cameraTested:
            self = .cameraTested(
                requestID: try container.decode(String.self, forKey: .requestID),
                try container.decode(CameraTestResult.self, forKey: .result))
        case .stillTaken:
            self = .stillTaken(
                requestID: try container.decode(String.self, forKey: .requestID),
                try container.decode(StillResult.self, forKey: .result))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .ready(let pid):
            try container.encode(Name.ready, forKey: .event)
            try container.encode(pid, forKey: .pid)
        case .camera(let status):
            try container.encode(Name.camera, forKey: .event)
            try container.encode(status, forKey: .status)
        case .rendition(let status):
            try container.encode(Name.rendition, forKey: .event)
            try container.encode(status, forKey: .status)
        case .destination(let status):
            try container.encode(Name.destination, forKey: .event)
            try container.encode(status, forKey: .status)
        case .finding(let report):
            try container.encode(Name.finding, forKey: .event)
            try container.encode(report, forKey: .report)
        case .activeWriter(let transmissionID, let writerID):
            try container.encode(Name.activeWriter, forKey: .event)
            try container.encode(transmissionID, forKey: .transmissionID)
            try container.encodeIfPresent(writerID, forKey: .writerID)
        case .cameraTested(let requestID, let result):
            try container.encode(Name.cameraTested, forKey: .event)
            try container.encode(requestID, forKey: .requestID)
            try container.encode(result, forKey: .result)
        case .stillTaken(let requestID, let result):
            try container.encode(Name.stillTaken, forKey: .event)
            try container.encode(requestID, forKey: .requestID)
            try container.encode(result, forKey: .result)
        }
    }
}

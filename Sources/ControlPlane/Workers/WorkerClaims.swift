import StreamModel

/// How far a worker is believed: it handles whatever a camera sends, and may be somebody else's by now. What it says is
/// shown, added up and kept, so that all of it is bounded here, once.
enum WorkerClaims {
    /// Of a counter: a number that adds up without overflow, and that JSON carries exactly (RFC 8259, 6).
    static let counterLimit = 1 << 53
    static let sentenceByteLimit = 1000
    static let nameByteLimit = 100
    /// Pixels or hertz.
    private static let measureLimit = 1 << 24

    static func counter(_ value: Int) -> Int { min(max(value, 0), counterLimit) }
    static func measure(_ value: Int) -> Int { min(max(value, 0), measureLimit) }

    static func seconds(_ value: Double) -> Double {
        value.isFinite ? min(max(value, 0), Double(counterLimit)) : 0
    }

    static func part(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0 }

    static func sentence(_ text: String) -> String { prefix(text, sentenceByteLimit) }
    static func name(_ text: String) -> String { prefix(text, nameByteLimit) }
    /// A pipeline's name and a step's id.
    static func writer(_ text: String) -> String { prefix(text, sentenceByteLimit) }

    /// By bytes: one character may have any number of them.
    private static func prefix(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }
}

extension MessageCode {
    /// Those that workers send have a few parameters.
    private static let parameterLimit = 8

    var bounded: MessageCode {
        MessageCode(
            WorkerClaims.name(code),
            Dictionary(
                parameters.sorted { $0.key < $1.key }.prefix(Self.parameterLimit).map { name, value in
                    (WorkerClaims.name(name), WorkerClaims.sentence(value))
                }, uniquingKeysWith: { first, _ in first }))
    }
}

extension CodedMessage {
    /// Sentences within sentences, and their parameters, are few.
    private static let parameterLimit = 8
    private static let depthLimit = 3

    var bounded: CodedMessage { bounded(depth: 0) }

    private func bounded(depth: Int) -> CodedMessage {
        CodedMessage(
            WorkerClaims.name(code), WorkerClaims.sentence(text),
            Dictionary(
                parameters.sorted { $0.key < $1.key }.prefix(Self.parameterLimit).map { name, value in
                    (WorkerClaims.name(name), Self.bounded(value, depth: depth + 1))
                }, uniquingKeysWith: { first, _ in first }))
    }

    /// A text, a sentence, or a list of them: nothing else is named.
    private static func bounded(_ value: JSONValue, depth: Int) -> JSONValue {
        switch value {
        case .string(let text): .string(WorkerClaims.sentence(text))
        case .array(let values) where depth < depthLimit:
            .array(values.prefix(parameterLimit).map { bounded($0, depth: depth + 1) })
        case .object where depth < depthLimit:
            CodedMessage(value)?.bounded(depth: depth).json ?? .null
        case .integer, .array, .object, .null, .bool, .number: .null
        }
    }

    /// Nil when it is none.
    private init?(_ json: JSONValue) {
        let members = json.objectValue ?? [:]
        guard let code = members["code"]?.stringValue, let text = members["text"]?.stringValue else { return nil }
        self.init(code, text, members["parameters"]?.objectValue ?? [:])
    }
}

extension AudioSummary {
    var bounded: AudioSummary {
        AudioSummary(
            codec: WorkerClaims.name(codec), sampleRate: WorkerClaims.measure(sampleRate),
            channels: WorkerClaims.measure(channels))
    }
}

extension SoundStatus {
    var bounded: SoundStatus {
        SoundStatus(audio.bounded, origin, bitrateKbps: bitrateKbps.map(WorkerClaims.seconds))
    }
}

extension RenditionStatus {
    /// A transmission has fewer outputs.
    private static let pathLimit = 64
    /// A path has one of each kind of viewers at most.
    private static let soundLimit = 4

    var bounded: RenditionStatus {
        var result = self
        result.message = message.map(WorkerClaims.sentence)
        result.messageCode = messageCode?.bounded
        result.modeReason = modeReason?.bounded
        result.codec = codec.map(WorkerClaims.name)
        result.framesReceived = WorkerClaims.counter(framesReceived)
        result.framesSent = WorkerClaims.counter(framesSent)
        result.framesRepeated = WorkerClaims.counter(framesRepeated)
        result.framesDropped = WorkerClaims.counter(framesDropped)
        result.bytesSent = WorkerClaims.counter(bytesSent)
        result.restartCount = WorkerClaims.counter(restartCount)
        result.encodeSeconds = WorkerClaims.seconds(encodeSeconds)
        result.encodeMilliseconds = encodeMilliseconds.map(WorkerClaims.seconds)
        result.delayMilliseconds = delayMilliseconds.map(WorkerClaims.seconds)
        result.framesPerSecond = framesPerSecond.map(WorkerClaims.seconds)
        result.bitrateKbps = bitrateKbps.map(WorkerClaims.seconds)
        result.lastFrameAtUnix = lastFrameAtUnix.map(WorkerClaims.seconds)
        result.signalLostAtUnix = signalLostAtUnix.map(WorkerClaims.seconds)
        result.sounds = sounds.map { sounds in
            Dictionary(
                sounds.sorted { $0.key < $1.key }.prefix(Self.pathLimit).map { path, sounds in
                    (WorkerClaims.sentence(path), sounds.prefix(Self.soundLimit).map(\.bounded))
                }, uniquingKeysWith: { first, _ in first })
        }
        return result
    }
}

extension DestinationStatus {
    var bounded: DestinationStatus {
        var result = self
        result.message = message.map(WorkerClaims.sentence)
        result.messageCode = messageCode?.bounded
        result.retryAtUnix = retryAtUnix.map(WorkerClaims.seconds)
        result.sendingSinceUnix = sendingSinceUnix.map(WorkerClaims.seconds)
        result.framesSent = WorkerClaims.counter(framesSent)
        result.framesDropped = WorkerClaims.counter(framesDropped)
        result.bytesSent = WorkerClaims.counter(bytesSent)
        result.bitrateKbps = bitrateKbps.map(WorkerClaims.seconds)
        result.failureCount = WorkerClaims.counter(failureCount)
        return result
    }
}

extension CameraStatus {
    var bounded: CameraStatus {
        var result = self
        result.message = message.map(WorkerClaims.sentence)
        result.messageCode = messageCode?.bounded
        result.losses = losses.map {
            CameraLosses(packets: WorkerClaims.counter($0.packets), pictures: WorkerClaims.counter($0.pictures))
        }
        result.codec = codec.map(WorkerClaims.name)
        result.sound = sound.map(WorkerClaims.sentence)
        result.audio = audio?.bounded
        result.width = width.map(WorkerClaims.measure)
        result.height = height.map(WorkerClaims.measure)
        result.fps = fps.map(WorkerClaims.seconds)
        return result
    }
}

extension CameraTestResult {
    private static let stillPrefix = "data:image/jpeg;base64,"

    var bounded: CameraTestResult {
        var result = self
        result.coded = coded.bounded
        result.codec = codec.map(WorkerClaims.name)
        result.width = width.map(WorkerClaims.measure)
        result.height = height.map(WorkerClaims.measure)
        result.fps = fps.map(WorkerClaims.seconds)
        result.keyframeIntervalSeconds = keyframeIntervalSeconds.map(WorkerClaims.seconds)
        result.audio = audio?.bounded
        result.sound = sound?.bounded
        result.soundTracks = soundTracks?.prefix(Camera.soundTrackRange.count).map(\.bounded)
        // The page shows it as an image, which may not be loaded from anywhere else.
        if still?.hasPrefix(Self.stillPrefix) != true { result.still = nil }
        return result
    }
}

extension StillResult {
    /// The marker that begins every JPEG, and the first byte of the next (ITU-T T.81, B.1.1.3).
    private static let startOfImage: [UInt8] = [0xff, 0xd8, 0xff]
    private static let jpegLimit = 6 << 20

    var bounded: StillResult {
        guard let jpeg else { return StillResult(failure: WorkerClaims.sentence(message ?? "")) }
        guard jpeg.count <= Self.jpegLimit, jpeg.starts(with: Self.startOfImage) else {
            return StillResult(failure: "The worker gave something that is no picture.")
        }
        return StillResult(jpeg: jpeg, isLive: isLive)
    }
}

extension FindingReport {
    /// More can't be seen on a page. Of what is followed nothing is cut: what is left out would be taken to be gone.
    private static let boxLimit = 64

    var bounded: FindingReport {
        var result = self
        result.atUnix = WorkerClaims.seconds(atUnix)
        result.problem = problem?.bounded
        result.findings?.motion = findings?.motion.map { motion in
            MotionFinding(
                active: motion.active, score: WorkerClaims.part(motion.score),
                boxes: Array(motion.boxes.prefix(Self.boxLimit)), isHeld: motion.isHeld)
        }
        result.findings?.vision = findings?.vision.map { vision in
            VisionFinding(
                task: vision.task, modelID: WorkerClaims.name(vision.modelID),
                runtime: WorkerClaims.name(vision.runtime),
                detections: vision.detections.prefix(Self.boxLimit).map(\.bounded),
                tracks: vision.tracks?.prefix(TrackedObject.limit).map(\.bounded))
        }
        return result
    }
}

extension Detection {
    var bounded: Detection {
        Detection(
            label: WorkerClaims.name(label), labelID: WorkerClaims.counter(labelID), score: WorkerClaims.part(score),
            box: box, modelID: WorkerClaims.name(modelID))
    }
}

extension TrackedObject {
    var bounded: TrackedObject {
        TrackedObject(
            trackingID: WorkerClaims.writer(trackingID), sourceTrackingID: WorkerClaims.name(sourceTrackingID),
            cameraID: WorkerClaims.writer(cameraID), detection: detection.bounded,
            trackerID: WorkerClaims.name(trackerID),
            metadata: Metadata(hits: WorkerClaims.counter(metadata.hits), state: metadata.state),
            trail: [])
    }
}

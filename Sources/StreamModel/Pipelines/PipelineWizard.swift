/// The ready-made pipelines of the wizard (contract B.10).
public enum PipelinePreset: String, CaseIterable, Codable, Sendable {
    case simpleStream = "simple_stream"
    case motionGateStream = "motion_gate_stream"
    case detectionStream = "detection_stream"
    case trackingStream = "tracking_stream"
    case segmentationStream = "segmentation_stream"

    fileprivate var isAvailable: Bool {
        switch self {
        case .simpleStream, .motionGateStream, .detectionStream, .trackingStream: true
        case .segmentationStream: false
        }
    }

    /// The last part of the name that the wizard gives a pipeline.
    var nameSuffix: String {
        switch self {
        case .simpleStream: "stream"
        case .motionGateStream: "motion"
        case .detectionStream: "detection"
        case .trackingStream: "tracking"
        case .segmentationStream: "segmentation"
        }
    }
}

/// The body of `POST /wizard/create-pipeline` (contract A.2).
public struct WizardRequest: Hashable, Sendable {
    public var transmissionID: String
    /// A camera's id, name or slug.
    public var cameraReference: String
    public var preset: PipelinePreset
    public var pipelineName: String?
    public var enabled: Bool
    public var run: PipelineRunMode
    public var processingServerID: String
    private var sourceBackend: SourceBackend
    private var fpsLimit: Double?
    private var usesFPSReducer: Bool
    private var motionSensitivity: Double?
    private var motionHoldSeconds: Double?
    private var confidenceThreshold: Double?
    /// Whether pictures without anything in them are kept back.
    private var isFiltered: Bool
    private var detectionCategories: [String]
    private var trackingCategories: [String]
    private var resizeMode: ResizeMode
    private var writerPriority: Int
    private var bypassMode: BypassMode

    /// - Throws: ``ValidationError`` with every wrong field; a preset that does not exist yet is one of them.
    public init(json: JSONValue) throws(ValidationError) {
        let issues = IssueList()
        self.init(reading: ObjectReader(json, at: ["body"], issues: issues))
        try issues.throwIfAny()
    }

    public static let shape = ObjectShape { _ = WizardRequest(reading: $0) }

    private init(reading reader: ObjectReader) {
        transmissionID = reader.requiredString("transmission_id").trimmed
        cameraReference = reader.requiredString("camera_id").trimmed
        preset = reader.requiredChoice("preset_id", fallback: .simpleStream)
        for (name, value) in [("transmission_id", transmissionID), ("camera_id", cameraReference)]
        where value.isEmpty && reader.has(name) {
            reader.report(
                CodedMessage("field_missing", "String should have at least 1 character"), at: name,
                type: "string_too_short")
        }
        if !preset.isAvailable {
            reader.report(
                CodedMessage(
                    "preset_not_yet", "The preset '\(preset.rawValue)' is not available yet.",
                    ["preset": .string(preset.rawValue)]), at: "preset_id")
        }
        let options = reader.optionalObject("optional_parameters") ?? reader.nested([:], at: "optional_parameters")
        pipelineName = options.optionalString("pipeline_name").flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed }
        enabled = options.bool("enabled", default: true)
        run = options.choice("run", default: .onDemand)
        processingServerID = ServerID.normalize(options.optionalString("processing_server_id") ?? "")
        sourceBackend = options.choice("source_backend", default: .auto)
        fpsLimit = options.optionalNumber("fps_limit", in: FPSReducerConfig.range)
        usesFPSReducer = options.optionalBool("use_fps_reducer") ?? false
        motionSensitivity = options.optionalNumber(
            "motion_sensitivity", in: MotionGateConfig.sensitivityRange, excludingLowerBound: true)
        motionHoldSeconds = options.optionalNumber("motion_hold_seconds", in: MotionGateConfig.holdRange)
        confidenceThreshold = options.optionalNumber(
            "yolo_confidence_threshold", in: VisionDetectConfig.confidenceRange, excludingLowerBound: true)
        isFiltered = options.optionalBool("yolo_filter_enabled") ?? true
        detectionCategories = options.categories("detection_categories")
        trackingCategories = options.categories("tracking_categories")
        resizeMode = options.choice("resize_mode", default: .contain)
        writerPriority = options.integer("writer_priority", in: -1_000_000...1_000_000, default: 0)
        bypassMode = options.choice("bypass_mode", default: .auto)
        reader.forbidUnknownMembers()
    }

    /// The graph for a camera, with the node ids and queue sizes of contract B.10.
    public func graph(cameraID: String) -> PipelineGraph {
        var nodes = [
            PipelineNode(
                id: "source", operator: CameraSourceConfig.operatorName,
                config: ["camera_id": .string(cameraID), "backend": .string(sourceBackend.rawValue)])
        ]
        if usesFPSReducer || fpsLimit != nil || preset == .motionGateStream {
            let targetFPS = fpsLimit ?? FPSReducerConfig.defaultFPS
            nodes.append(
                PipelineNode(
                    id: "fps", operator: FPSReducerConfig.operatorName, config: ["target_fps": .number(targetFPS)]))
        }
        if preset == .motionGateStream {
            nodes.append(
                PipelineNode(
                    id: "motion", operator: MotionGateConfig.operatorName,
                    config: [
                        "threshold": .number(motionSensitivity ?? MotionGateConfig.defaultThreshold),
                        "activation_frames": 2, "hold_seconds": .number(motionHoldSeconds ?? 6),
                        "emit_when_idle": false,
                    ]))
        }
        if preset == .detectionStream {
            nodes.append(detector(of: detectionCategories, isFiltered ? .events : .annotate))
        }
        if preset == .trackingStream {
            nodes.append(detector(of: trackingCategories.isEmpty ? detectionCategories : trackingCategories, .annotate))
            let mode: VisionTrackConfig.EmitMode = isFiltered ? .events : .annotate
            nodes.append(
                PipelineNode(
                    id: "track", operator: VisionTrackConfig.operatorName,
                    config: [
                        "tracker_id": .string(VisionTrackConfig.defaultMethod.rawValue),
                        "close_after_seconds": .number(5), "emit_mode": .string(mode.rawValue),
                    ]))
        }
        nodes.append(
            PipelineNode(
                id: "stream", operator: PublishVideoConfig.operatorName,
                config: [
                    "transmission_id": .string(transmissionID),
                    "frame_with_fallback": ["mask", "frame", "best_frame", "segmented", "frame_original"],
                    "resize_mode": .string(resizeMode.rawValue), "writer_priority": .integer(writerPriority),
                    "bypass_mode": .string(bypassMode.rawValue),
                ]))
        let edges = zip(nodes, nodes.dropFirst()).map { from, to in
            PipelineEdge(from: from.id, to: to.id, maxsize: to.id == "stream" ? 8 : 2)
        }
        return PipelineGraph(nodes: nodes, edges: edges)
    }

    private func detector(of categories: [String], _ mode: VisionDetectConfig.EmitMode) -> PipelineNode {
        PipelineNode(
            id: "detect", operator: VisionDetectConfig.operatorName,
            config: [
                "model_id": .string(VisionDetectConfig.referenceModel),
                "categories": .array(categories.map(JSONValue.string)),
                "confidence_threshold": .number(confidenceThreshold ?? 0.55),
                "emit_mode": .string(mode.rawValue),
            ])
    }

    /// The pipeline's name: the given one, or one made of the transmission, the camera and the preset
    /// (contract G, "Pipeline names"): `front_door__cam_1__tracking`.
    public func pipelineName(for transmission: Transmission, cameraID: String) -> String {
        if let pipelineName { return Self.safeName(pipelineName) }
        let transmissionPart = transmission.path == transmission.id ? transmission.name : transmission.path
        var parts = [transmissionPart, cameraID].compactMap { Slug.make($0) }.map(Self.safeName)
        if parts.count == 2, parts[0] == parts[1] { parts.removeLast() }
        return Self.safeName((parts + [preset.nameSuffix]).joined(separator: "__"))
    }

    /// Words that can't be a name in Python, where the reference's pipelines live.
    private static let reservedWords: Set<String> = [
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
        "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass",
        "raise",
        "return", "try", "while", "with", "yield", "False", "None", "True",
    ]

    /// Letters, digits and underscores, not starting with a digit, at most 120 characters.
    static func safeName(_ text: String) -> String {
        let mapped = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        let start = mapped.firstIndex(where: { $0 != "_" }) ?? mapped.endIndex
        let end = mapped.lastIndex(where: { $0 != "_" }).map(mapped.index(after:)) ?? start
        var name = String(mapped[start..<end])
        if name.isEmpty { return "pipeline" }
        if name.first?.isNumber == true { name = "_" + name }
        if reservedWords.contains(name) { name += "_" }
        return String(name.prefix(120))
    }
}

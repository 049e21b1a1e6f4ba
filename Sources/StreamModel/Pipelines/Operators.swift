/// The settings of `camera.source`: reads and decodes a camera.
public struct CameraSourceConfig: Hashable, Sendable {
    public static let operatorName = "camera.source"

    public var cameraID: String

    public init(of node: PipelineNode) { cameraID = node.config["camera_id"]?.stringValue ?? "" }

    static func check(_ reader: ObjectReader) {
        if reader.requiredString("camera_id").trimmed.isEmpty, reader.has("camera_id") {
            reader.report(CodedMessage("pipeline_without_camera", "Choose a camera."), at: "camera_id")
        }
        reader.check("backend", isOneOf: SourceBackend.self)
        reader.forbidUnknownMembers()
    }
}

/// How the reference opens a camera; here every one of them means libavformat.
enum SourceBackend: String, CaseIterable {
    case auto, opencv, ffmpeg
}

/// The settings of `core.fps_reducer`: passes at most so many frames a second.
public struct FPSReducerConfig: Hashable, Sendable {
    public static let operatorName = "core.fps_reducer"
    public static let range = 0.5...60.0
    public static let defaultFPS = 5.0

    /// Frames a second, 0.5…60.
    public var targetFPS: Double

    public init(of node: PipelineNode) { targetFPS = node.config["target_fps"]?.doubleValue ?? Self.defaultFPS }

    static func check(_ reader: ObjectReader) {
        _ = reader.optionalNumber("target_fps", in: range)
        reader.forbidUnknownMembers()
    }
}

/// Whether a camera that already sends what an output asks for is passed on without decoding.
public enum BypassMode: String, CaseIterable, Codable, Sendable {
    case auto
    case forceOn = "force_on"
    case forceOff = "force_off"
}

/// The settings of `stream.publish_video`: writes frames into a transmission.
public struct PublishVideoConfig: Hashable, Sendable {
    public static let operatorName = "stream.publish_video"
    static let defaultArtifacts = ["frame", "best_frame", "segmented", "frame_original"]

    public var transmissionID: String
    /// The artifacts of a packet in the order in which they are tried as the picture.
    public var frameWithFallback: [String]
    public var writerPriority: Int
    public var bypassMode: BypassMode

    public init(of node: PipelineNode) {
        let config = node.config
        transmissionID = config["transmission_id"]?.stringValue ?? ""
        frameWithFallback =
            config["frame_with_fallback"]?.arrayValue?.compactMap(\.stringValue)
            ?? config["frame_with_fallback"]?.stringValue?.split(separator: ",").map(\.trimmed) ?? Self.defaultArtifacts
        writerPriority = config["writer_priority"]?.integerValue ?? 0
        bypassMode = config["bypass_mode"]?.stringValue.flatMap(BypassMode.init(rawValue:)) ?? .auto
    }

    static func check(_ reader: ObjectReader) {
        if reader.requiredString("transmission_id").trimmed.isEmpty, reader.has("transmission_id") {
            reader.report(
                CodedMessage("pipeline_without_transmission", "Choose a transmission."), at: "transmission_id")
        }
        _ = reader.optionalStrings("frame_with_fallback")
        reader.check("resize_mode", isOneOf: ResizeMode.self)
        _ = reader.optionalInteger("writer_priority", in: -1_000_000...1_000_000)
        reader.check("bypass_mode", isOneOf: BypassMode.self)
        reader.forbidUnknownMembers()
    }
}

/// The operators that exist, and what each may be.
enum OperatorCatalog {
    /// Operators of the reference that this version does not have yet.
    private static let planned: Set<String> = ["vision.segment_instances"]

    static func isSource(_ name: String) -> Bool { name == CameraSourceConfig.operatorName }
    static func isSink(_ name: String) -> Bool { name == PublishVideoConfig.operatorName }

    static func looksIntoPictures(_ name: String) -> Bool { name.hasPrefix("vision.") }

    static func check(_ node: PipelineNode, _ reader: ObjectReader) {
        // A node without settings is checked as one with empty settings, so that required ones are named.
        let config = reader.optionalObject("config") ?? reader.nested([:], at: "config")
        switch node.operator {
        case CameraSourceConfig.operatorName: CameraSourceConfig.check(config)
        case FPSReducerConfig.operatorName: FPSReducerConfig.check(config)
        case MotionGateConfig.operatorName: MotionGateConfig.check(config)
        case PublishVideoConfig.operatorName: PublishVideoConfig.check(config)
        case VisionDetectConfig.operatorName: VisionDetectConfig.check(config)
        case VisionTrackConfig.operatorName: VisionTrackConfig.check(config)
        case let name where planned.contains(name):
            reader.report(
                CodedMessage(
                    "operator_not_yet", "The operator '\(name)' is not available yet.", ["operator": .string(name)]),
                at: "operator")
        case let name:
            reader.report(
                CodedMessage("operator_unknown", "There is no operator '\(name)'.", ["operator": .string(name)]),
                at: "operator")
        }
    }
}

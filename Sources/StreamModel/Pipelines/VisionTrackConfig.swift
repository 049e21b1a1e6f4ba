/// How `vision.track` knows a thing again.
public enum TrackingMethod: String, CaseIterable, Sendable {
    /// Every detection counts; what has moved too far to overlap is known by how near it is.
    case simpleIoUKalman = "simple_iou_kalman"
    /// What is seen well is matched first, and then what is barely seen, which begins nothing (ByteTrack, Zhang et al., 2022).
    case byteTrack = "byte_track"
}

/// The settings of `vision.track`: knows the things that `vision.detect` finds again in the next pictures.
public struct VisionTrackConfig: Hashable, Sendable {
    public static let operatorName = "vision.track"

    public enum EmitMode: String, CaseIterable, Sendable {
        /// All pictures pass, with what is followed in them.
        case annotate
        /// Only pictures pass in which something is followed, and of each thing no more than its interval allows.
        case events
    }

    public var method: TrackingMethod
    public var emitMode: EmitMode
    /// What was not seen for so long is gone.
    public var closeAfter: Duration
    /// Whether things stay what they are while `camera.motion_gate` sees nothing move.
    public var pausesWithGate: Bool
    /// They do for so long at most; nil without an end.
    public var longestPause: Duration?
    /// The least time between two pictures that pass for a thing.
    public var interval: Duration
    /// The same of some labels, in lower case.
    public var intervals: [String: Duration]

    public static let defaultMethod = TrackingMethod.simpleIoUKalman
    static let intervalRange = 0.0...120.0

    public init(of node: PipelineNode) {
        self.init(reading: ObjectReader(.object(node.config), at: [], issues: IssueList()))
    }

    static func check(_ reader: ObjectReader) { _ = Self(reading: reader) }

    private init(reading reader: ObjectReader) {
        method = reader.optionalChoice("tracker_id") ?? Self.defaultMethod
        emitMode = reader.optionalChoice("emit_mode") ?? .events
        closeAfter = .seconds(reader.optionalNumber("close_after_seconds", in: 0.05...300) ?? 4)
        pausesWithGate = reader.optionalBool("pause_when_gate_closed") ?? true
        let longestPause = reader.optionalNumber("max_paused_seconds", in: 0...86_400) ?? 900
        self.longestPause = longestPause > 0 ? .seconds(longestPause) : nil
        interval = .seconds(reader.optionalNumber("default_interval_seconds", in: Self.intervalRange) ?? 0.2)
        intervals = reader.intervals("category_intervals_seconds")
        // Where things stand on a map, which no step knows yet.
        _ = reader.optionalBool("use_world_anchor")
        reader.forbidUnknownMembers()
    }

    /// The least time between two pictures that pass for a thing of a label.
    public func interval(of label: String) -> Duration { intervals[label.lowercased()] ?? interval }
}

extension ObjectReader {
    /// Seconds by label, in lower case.
    fileprivate func intervals(_ name: String) -> [String: Duration] {
        guard let reader = optionalObject(name) else { return [:] }
        let limit = VisionDetectConfig.categoryLimit
        guard reader.members.count <= limit else {
            report(
                CodedMessage(
                    "list_too_long", "List should have at most \(limit) items, not \(reader.members.count)",
                    ["maximum": .integer(limit), "number": .integer(reader.members.count)]), at: name)
            return [:]
        }
        var intervals: [String: Duration] = [:]
        for label in reader.members.keys.sorted() {
            let seconds = reader.optionalNumber(label, in: VisionTrackConfig.intervalRange)
            intervals[label.trimmed.lowercased()] = seconds.map { .seconds($0) }
        }
        return intervals
    }
}

/// The settings of `vision.detect`: finds things in pictures.
public struct VisionDetectConfig: Hashable, Sendable {
    public static let operatorName = "vision.detect"

    public enum EmitMode: String, CaseIterable, Sendable {
        /// All pictures pass, with what has been found in them.
        case annotate
        /// Only pictures pass in which something has been found.
        case events
    }

    /// Empty for whatever is installed.
    public var modelID: String
    public var emitMode: EmitMode
    /// In lower case; empty for all.
    public var categories: Set<String>
    /// The least score, 0…1.
    public var confidenceThreshold: Double
    /// Of two boxes of a class that overlap by more than this, the better one counts, 0…1.
    public var overlapThreshold: Double
    public var objectLimit: Int
    /// The least time between two pictures that are looked into.
    public var interval: Duration

    /// The model that the reference takes where none is chosen. Where it is not installed, it means whatever is.
    public static let referenceModel = "rfdetr_det_medium"

    static let confidenceRange = 0.0...1.0
    static let categoryLimit = 256

    public init(of node: PipelineNode) {
        self.init(reading: ObjectReader(.object(node.config), at: [], issues: IssueList()))
    }

    static func check(_ reader: ObjectReader) { _ = Self(reading: reader) }

    private init(reading reader: ObjectReader) {
        modelID = reader.optionalString("model_id")?.trimmed ?? ""
        emitMode = reader.optionalChoice("emit_mode") ?? .annotate
        categories = Set(reader.categories("categories"))
        confidenceThreshold = reader.optionalNumber("confidence_threshold", in: Self.confidenceRange) ?? 0.4
        overlapThreshold = reader.optionalNumber("iou_threshold", in: 0...1) ?? 0.6
        objectLimit = reader.optionalInteger("max_objects_per_frame", in: 1...512) ?? 32
        interval = .seconds(reader.optionalNumber("inference_interval_seconds", in: 0...60) ?? 0)
        // Pictures of other kinds, which no step makes yet.
        _ = reader.optionalStrings("input_with_fallback")
        _ = reader.optionalBool("fallback_to_stream_frame")
        reader.forbidUnknownMembers()
    }
}

extension ObjectReader {
    /// Labels in lower case, each once, in their order.
    func categories(_ name: String) -> [String] {
        let labels = (optionalStrings(name) ?? []).map { $0.trimmed.lowercased() }.filter { !$0.isEmpty }
        if labels.count > VisionDetectConfig.categoryLimit {
            let limit = VisionDetectConfig.categoryLimit
            report(
                CodedMessage(
                    "list_too_long", "List should have at most \(limit) items, not \(labels.count)",
                    ["maximum": .integer(limit), "number": .integer(labels.count)]), at: name)
            return []
        }
        var seen: Set<String> = []
        return labels.filter { seen.insert($0).inserted }
    }
}

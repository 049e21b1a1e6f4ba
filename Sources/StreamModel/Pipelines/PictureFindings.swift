/// What the steps of a pipeline have found in a picture: the payload of the reference's packets.
public struct PictureFindings: Hashable, Sendable, Codable {
    public var motion: MotionFinding?
    public var vision: VisionFinding?

    public init(motion: MotionFinding? = nil, vision: VisionFinding? = nil) {
        self.motion = motion
        self.vision = vision
    }

    public var isEmpty: Bool { motion == nil && vision == nil }

    /// Whether both say that something else is there, and not just elsewhere or more clearly.
    public func tellsOfTheSame(as other: Self) -> Bool {
        motion?.active == other.motion?.active
            && Set(vision?.detections.map(\.label) ?? []) == Set(other.vision?.detections.map(\.label) ?? [])
            && Set(vision?.tracks?.map(\.trackingID) ?? []) == Set(other.vision?.tracks?.map(\.trackingID) ?? [])
    }
}

/// What `camera.motion_gate` says of a picture.
public struct MotionFinding: Hashable, Sendable, Codable {
    /// Whether the gate is open.
    public var active: Bool
    /// The part of what is looked at that moves, 0…1.
    public var score: Double
    /// Where it moves, the largest first.
    public var boxes: [PictureBox]
    /// Whether the gate is open for what moved before, while this picture alone would not open it.
    public var isHeld: Bool

    enum CodingKeys: String, CodingKey {
        case active, score
        case boxes = "bboxes01"
        case isHeld = "hold_active"
    }

    public init(active: Bool, score: Double, boxes: [PictureBox], isHeld: Bool) {
        self.active = active
        self.score = score
        self.boxes = boxes
        self.isHeld = isHeld
    }
}

/// What a model says of a picture.
public struct VisionFinding: Hashable, Sendable, Codable {
    public enum Task: String, Hashable, Sendable, Codable { case detect }

    public var task: Task
    public var modelID: String
    /// What runs the model: `onnxruntime`.
    public var runtime: String
    public var detections: [Detection]
    /// What is known again in this picture, or not yet given up; nil where nobody follows anything.
    public var tracks: [TrackedObject]?

    enum CodingKeys: String, CodingKey {
        case task, runtime, detections, tracks
        case modelID = "model_id"
    }

    public init(
        task: Task, modelID: String, runtime: String, detections: [Detection], tracks: [TrackedObject]? = nil
    ) {
        self.tracks = tracks
        self.task = task
        self.modelID = modelID
        self.runtime = runtime
        self.detections = detections
    }
}

/// A thing that a model has found.
public struct Detection: Hashable, Sendable, Codable {
    /// Its class in words, such as `person`.
    public var label: String
    /// The number of that class in the model.
    public var labelID: Int
    /// 0…1
    public var score: Double
    public var box: PictureBox
    public var modelID: String

    enum CodingKeys: String, CodingKey {
        case label, score
        case labelID = "label_id"
        case box = "bbox01"
        case modelID = "model_id"
    }

    public init(label: String, labelID: Int, score: Double, box: PictureBox, modelID: String) {
        self.label = label
        self.labelID = labelID
        self.score = score
        self.box = box
        self.modelID = modelID
    }
}

/// A place in the picture; the upper left corner is (0, 0), the lower right one (1, 1).
///
/// In JSON `[x, y]`.
public struct PicturePoint: Hashable, Sendable, Codable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    public init(from decoder: any Decoder) throws {
        var numbers = try decoder.unkeyedContainer()
        x = try numbers.decode(Double.self)
        y = try numbers.decode(Double.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var numbers = encoder.unkeyedContainer()
        for number in [x, y] { try numbers.encode(number.inTenThousandths) }
    }
}

extension Double {
    /// A ten-thousandth of a picture is less than a sample of any that is looked at.
    fileprivate var inTenThousandths: Double { (self * 10_000).rounded() / 10_000 }
}

/// A part of a picture by its corners; the upper left corner of the picture is (0, 0), the lower right one (1, 1).
///
/// In JSON `[left, top, right, bottom]`, the reference's `bbox01`.
public struct PictureBox: Hashable, Sendable {
    public var left: Double
    public var top: Double
    public var right: Double
    public var bottom: Double

    /// What is outside of the picture is moved to its edge.
    public init(left: Double, top: Double, right: Double, bottom: Double) {
        func inside(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0 }
        self.left = inside(left)
        self.top = inside(top)
        self.right = max(inside(right), self.left)
        self.bottom = max(inside(bottom), self.top)
    }

    /// As a part of the picture.
    public var area: Double { (right - left) * (bottom - top) }
}

extension PictureBox: Codable {
    public init(from decoder: any Decoder) throws {
        var corners = try decoder.unkeyedContainer()
        func corner() throws -> Double { try corners.decode(Double.self) }
        self.init(left: try corner(), top: try corner(), right: try corner(), bottom: try corner())
    }

    public func encode(to encoder: any Encoder) throws {
        var corners = encoder.unkeyedContainer()
        for corner in [left, top, right, bottom] { try corners.encode(corner.inTenThousandths) }
    }
}

/// The settings of `camera.motion_gate`: passes frames while something moves in them, and for a while after.
public struct MotionGateConfig: Hashable, Sendable {
    public static let operatorName = "camera.motion_gate"

    /// The part of what is looked at that has to move, 0…1.
    public var threshold: Double
    /// How long it stays open after the last motion.
    public var hold: Duration
    /// So many pictures in a row have to show motion before it opens.
    public var activationFrames: Int
    /// Whether frames pass although nothing moves.
    public var emitWhenIdle: Bool
    /// Where to look; nil for everywhere.
    public var mask: MotionMask?

    public static let defaultThreshold = 0.01
    static let sensitivityRange = 0.0...1.0
    static let holdRange = 0.0...120.0

    public init(of node: PipelineNode) {
        self.init(reading: ObjectReader(.object(node.config), at: [], issues: IssueList()))
    }

    static func check(_ reader: ObjectReader) { _ = Self(reading: reader) }

    private init(reading reader: ObjectReader) {
        threshold = reader.optionalNumber("threshold", in: Self.sensitivityRange) ?? Self.defaultThreshold
        hold = .seconds(reader.optionalNumber("hold_seconds", in: Self.holdRange) ?? 2.5)
        activationFrames = reader.optionalInteger("activation_frames", in: 1...100) ?? 1
        emitWhenIdle = reader.optionalBool("emit_when_idle") ?? false
        let isMasked = reader.optionalBool("mask_enabled") ?? false
        let mask = MotionMask(reading: reader)
        self.mask = isMasked ? mask : nil
        // Pictures of other kinds, which no step makes yet; the camera's own is what is left of each list.
        _ = reader.optionalStrings("input_with_fallback")
        _ = reader.optionalBool("fallback_to_stream_frame")
        reader.forbidUnknownMembers()
    }
}

/// Where motion counts: what has been painted over a still, stroke by stroke.
public struct MotionMask: Hashable, Sendable {
    public enum Mode: String, CaseIterable, Sendable {
        /// Only what is painted is looked at.
        case include
        /// What is painted is not looked at.
        case exclude
    }

    public struct Stroke: Hashable, Sendable {
        public enum Operation: String, CaseIterable, Sendable { case paint, erase }

        public var operation: Operation
        public var points: [PicturePoint]

        public init(operation: Operation, points: [PicturePoint]) {
            self.operation = operation
            self.points = points
        }
    }

    public var mode: Mode
    /// Of the brush, as a part of the shorter side of the picture: 0.002…0.25.
    public var diameter: Double
    public var strokes: [Stroke]

    static let diameterRange = 0.002...0.25
    static let strokeLimit = 1024
    /// In all strokes together.
    static let pointLimit = 50_000

    public init(mode: Mode, diameter: Double, strokes: [Stroke]) {
        self.mode = mode
        self.diameter = diameter
        self.strokes = strokes
    }

    fileprivate init(reading reader: ObjectReader) {
        mode = reader.optionalChoice("mask_mode") ?? .include
        diameter = reader.optionalNumber("mask_brush_diameter01", in: Self.diameterRange) ?? 0.1
        strokes = reader.objects("mask_strokes", limit: Self.strokeLimit).map(Stroke.init(reading:))
        let count = strokes.reduce(0) { $0 + $1.points.count }
        if count > Self.pointLimit {
            reader.report(
                CodedMessage(
                    "mask_points_limit", "A mask has at most \(Self.pointLimit) points, not \(count).",
                    ["maximum": .integer(Self.pointLimit), "number": .integer(count)]))
        }
    }
}

extension MotionMask.Stroke {
    fileprivate init(reading reader: ObjectReader) {
        operation = reader.optionalChoice("op") ?? .paint
        let list = reader.value("points01") ?? .null
        points = list.arrayValue?.compactMap(PicturePoint.init(inMask:)) ?? []
        // Told of the stroke: the points themselves can be many.
        if list != .null, points.count != list.arrayValue?.count {
            reader.report(
                CodedMessage(
                    "mask_points", "points01 should be a list of points, each [x, y] with numbers from 0 to 1."))
        }
        reader.forbidUnknownMembers()
    }
}

extension PicturePoint {
    /// `[x, y]` or `{"x": x, "y": y}`; what is outside of the picture is moved to its edge.
    fileprivate init?(inMask json: JSONValue) {
        let pair = json.arrayValue ?? [json["x"] ?? .null, json["y"] ?? .null]
        guard pair.count == 2, let x = pair[0].doubleValue, let y = pair[1].doubleValue, x.isFinite, y.isFinite else {
            return nil
        }
        self.init(x: min(max(x, 0), 1), y: min(max(y, 0), 1))
    }
}

import MediaKit
import StreamModel

/// `camera.motion_gate`: passes frames while something moves in them, and for a while after.
struct MotionGate: Operator {
    private let passesAll: Bool
    private var latch: MotionLatch
    private var reader = LumaReader()
    private var detector: MotionDetector
    private var reporter: FindingReporter
    private(set) var restReason: RestReason?

    init(config: MotionGateConfig, reporter: FindingReporter) {
        passesAll = config.emitWhenIdle
        latch = MotionLatch(config)
        detector = MotionDetector(mask: config.mask)
        self.reporter = reporter
    }

    mutating func process(_ packet: Packet, emit: (Packet) -> Void) {
        let frame = packet.frame
        let (score, boxes) = look(at: frame)
        let isOpen = latch.isOpen(score: score, at: frame.captureTime)
        let finding = MotionFinding(active: isOpen, score: score, boxes: boxes, isHeld: isOpen && !latch.isMoving)
        reporter.report(PictureFindings(motion: finding), of: packet.cameraID)
        restReason = isOpen || passesAll ? nil : .nothingMoves
        guard restReason == nil else { return }
        var packet = packet
        packet.findings.motion = finding
        emit(packet)
    }

    private mutating func look(at frame: VideoFrame) -> (score: Double, boxes: [PictureBox]) {
        // A frame that can't be looked at is better shown than missed.
        guard let picture = reader.picture(of: frame) else { return (1, []) }
        let motion = detector.look(at: picture, at: frame.captureTime)
        return (motion.score, motion.areas.map { $0.box(in: picture) })
    }

    mutating func finish() { reporter.finish() }
}

/// Opens when pictures have shown motion, and closes some time after the last that did.
struct MotionLatch: Sendable, Equatable {
    private let threshold: Double
    private let hold: Duration
    private let activationFrames: Int
    /// Pictures in a row that show motion.
    private var movingInARow = 0
    private var openUntil: MonotonicInstant?

    init(_ config: MotionGateConfig) {
        threshold = config.threshold
        hold = config.hold
        activationFrames = config.activationFrames
    }

    /// Whether the newest picture shows motion.
    var isMoving: Bool { movingInARow > 0 }

    /// Takes the next picture's score, and says whether the picture passes.
    mutating func isOpen(score: Double, at time: MonotonicInstant) -> Bool {
        movingInARow = score >= threshold ? min(movingInARow + 1, activationFrames) : 0
        let wasOpen = openUntil.map { time <= $0 } ?? false
        if movingInARow >= activationFrames || (wasOpen && movingInARow > 0) { openUntil = time + hold }
        return openUntil.map { time <= $0 } ?? false
    }
}

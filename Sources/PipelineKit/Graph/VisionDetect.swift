import MediaKit
import StreamModel
import VisionKit

/// `vision.detect`: finds things in pictures, and passes on all pictures or those with things in them.
struct VisionDetect: Operator {
    static var needsOwnThread: Bool { true }

    private let config: VisionDetectConfig
    private let filter: DetectionFilter
    private let desk: VisionDesk
    private var reporter: FindingReporter
    /// Kept while it is wanted: the desk does not hold it.
    private var detector: (any PictureDetector)?
    private var lookedAt: MonotonicInstant?
    /// Whether something was there when it looked last.
    private var hasFound = false
    private var problem: VisionError?

    init(config: VisionDetectConfig, desk: VisionDesk, reporter: FindingReporter) {
        self.config = config
        filter = DetectionFilter(
            labels: config.categories, threshold: config.confidenceThreshold, overlap: config.overlapThreshold,
            limit: config.objectLimit)
        self.desk = desk
        self.reporter = reporter
    }

    private var passes: Bool { config.emitMode == .annotate || hasFound }

    var restReason: RestReason? {
        if passes { return nil }
        return problem == nil ? .nothingDetected : .cannotDetect
    }

    mutating func process(_ packet: Packet, emit: (Packet) -> Void) {
        var packet = packet
        if isDue(at: packet.frame.captureTime) {
            // Of the pictures between, nothing is known: they carry nothing, and pass if the last one did.
            packet.findings.vision = look(at: packet)
        }
        packet.isUnseen = problem != nil
        if passes { emit(packet) }
    }

    private mutating func isDue(at time: MonotonicInstant) -> Bool {
        if let lookedAt, lookedAt.duration(to: time) < config.interval { return false }
        lookedAt = time
        return true
    }

    /// The model, which is kept until there is none: the desk would load it anew for each picture.
    private mutating func model() throws(VisionError) -> (id: String, detector: any PictureDetector) {
        do throws(VisionError) {
            let found = try desk.detector(config.modelID)
            detector = found.detector
            return found
        } catch {
            detector = nil
            throw error
        }
    }

    /// Nil where it can't look.
    private mutating func look(at packet: Packet) -> VisionFinding? {
        do throws(VisionError) {
            let (id, detector) = try model()
            let detections = try detector.detect(packet.frame, filter: filter).map { thing in
                Detection(
                    label: thing.label, labelID: thing.classIndex, score: thing.score, box: thing.box, modelID: id)
            }
            let finding = VisionFinding(
                task: .detect, modelID: id, runtime: "onnxruntime", detections: detections)
            problem = nil
            hasFound = !detections.isEmpty
            reporter.report(PictureFindings(vision: finding), of: packet.cameraID)
            return finding
        } catch {
            problem = error
            hasFound = false
            reporter.report(error.message, of: packet.cameraID)
            return nil
        }
    }

    mutating func rest(_ reason: RestReason) {
        // What comes after it is looked at at once, and until then nothing is known.
        lookedAt = nil
        hasFound = false
        reporter.finish()
    }

    mutating func finish() {
        detector = nil
        reporter.finish()
    }
}

import MediaKit
import StreamModel
import VisionKit

/// `vision.track`: knows things again that `vision.detect` has found before, and passes on all pictures or those with such things.
struct VisionTrack: Operator {
    private let config: VisionTrackConfig
    private var reporter: FindingReporter
    /// By camera: several may lead to one step.
    private var cameras: [String: FollowedThings] = [:]
    private(set) var restReason: RestReason?

    init(config: VisionTrackConfig, reporter: FindingReporter) {
        self.config = config
        self.reporter = reporter
    }

    mutating func process(_ packet: Packet, emit: (Packet) -> Void) {
        var packet = packet
        let (camera, time) = (packet.cameraID, packet.frame.captureTime)
        var things = cameras[camera] ?? FollowedThings(config, cameraID: camera)
        defer { cameras[camera] = things }
        if packet.findings.motion?.active == false, config.pausesWithGate {
            pause(&things, at: time)
        } else if let vision = packet.findings.vision {
            packet.findings.vision = things.look(at: vision, time)
            reporter.report(PictureFindings(vision: packet.findings.vision), of: camera)
        } else if packet.isUnseen {
            things.forget()
            reporter.finish()
        }
        guard config.emitMode == .events else { return emit(packet) }
        restReason = things.isEmpty || things.isPaused ? reason(for: packet, things) : nil
        // Between two pictures that are due nothing rests: what is seen is what was seen last.
        if restReason == nil, things.isDue(at: time) { emit(packet) }
    }

    private func reason(for packet: Packet, _ things: FollowedThings) -> RestReason {
        if things.isPaused { return .nothingMoves }
        return packet.isUnseen ? .cannotDetect : .nothingDetected
    }

    mutating func rest(_ reason: RestReason) {
        let now = MonotonicInstant.now
        for (camera, var things) in cameras {
            switch reason {
            case .nothingMoves where config.pausesWithGate:
                pause(&things, at: now)
            case .nothingMoves, .nothingDetected:
                if let finding = things.lookAtNothing(now) {
                    reporter.report(PictureFindings(vision: finding), of: camera)
                }
            case .cannotDetect:
                things.forget()
                reporter.finish()
            }
            cameras[camera] = things
        }
    }

    /// What does not move is where it was, for as long as that may be believed.
    private mutating func pause(_ things: inout FollowedThings, at time: MonotonicInstant) {
        if things.pause(at: time) {
            reporter.renew(things.cameraID)
        } else if let finding = things.lookAtNothing(time) {
            reporter.report(PictureFindings(vision: finding), of: things.cameraID)
        }
    }

    mutating func finish() {
        cameras = [:]
        reporter.finish()
    }
}

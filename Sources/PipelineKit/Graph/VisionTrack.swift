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
        // Taken out, so that it is changed in place.
        var things = cameras.removeValue(forKey: camera) ?? FollowedThings(config, cameraID: camera)
        defer { cameras[camera] = things }
        things.pictureAt = time
        if packet.findings.motion?.active == false, config.pausesWithGate {
            pause(&things, at: time)
            packet.findings.vision?.tracks = things.objects
        } else if let vision = packet.findings.vision {
            let finding = things.look(at: vision, time)
            packet.findings.vision = finding
            report(finding, of: camera)
        } else if packet.isUnseen {
            things.forget()
            reporter.finish(camera)
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
        for camera in Array(cameras.keys) where !hasPictures(camera, now) {
            guard var things = cameras.removeValue(forKey: camera) else { continue }
            switch reason {
            case .nothingMoves where config.pausesWithGate:
                pause(&things, at: now)
            case .nothingMoves, .nothingDetected:
                if let finding = things.lookAtNothing(now) { report(finding, of: camera) }
            case .cannotDetect:
                things.forget()
                reporter.finish(camera)
            }
            cameras[camera] = things
        }
    }

    /// Of several cameras nobody says which one rests: not one whose pictures come.
    private func hasPictures(_ camera: String, _ now: MonotonicInstant) -> Bool {
        guard cameras.count > 1, let last = cameras[camera]?.pictureAt else { return false }
        return last.duration(to: now) < .seconds(1)
    }

    /// Without what the detector's step tells itself, and what only viewers of the picture want.
    private mutating func report(_ finding: VisionFinding, of camera: String) {
        var finding = finding
        finding.detections = []
        finding.tracks = finding.tracks?.map { track in
            var track = track
            track.trail = []
            return track
        }
        reporter.report(PictureFindings(vision: finding), of: camera)
    }

    /// What does not move is where it was, for as long as that may be believed.
    private mutating func pause(_ things: inout FollowedThings, at time: MonotonicInstant) {
        if things.pause(at: time) {
            reporter.renew(things.cameraID)
        } else if let finding = things.lookAtNothing(time) {
            report(finding, of: things.cameraID)
        }
    }

    mutating func finish() {
        cameras = [:]
        reporter.finish()
    }
}

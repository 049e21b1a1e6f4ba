import StreamModel

extension Observation.Source {
    init(_ report: FindingReport) {
        self.init(pipelineID: report.pipelineID, nodeID: report.nodeID, cameraID: report.cameraID)
    }
}

extension Observation {
    /// What a worker reported, after it was bounded; nil when the step has ended.
    init?(_ report: FindingReport) {
        guard let findings = report.findings else { return nil }
        source = Source(report)
        lookedFor = []
        seen = [:]
        if let motion = findings.motion {
            lookedFor.insert(.motion)
            if motion.active { seen[.motion] = Appearance(score: motion.score, box: Self.around(motion.boxes)) }
        }
        if let vision = findings.vision {
            lookedFor.insert(.object)
            for track in vision.tracks ?? [] {
                let subject = Subject.track(id: track.trackingID, label: track.detection.label)
                switch track.metadata.state {
                case .confirmed: seen[subject] = Appearance(score: track.detection.score, box: track.detection.box)
                case .lost: awaited.insert(subject)
                }
            }
            // Those that are followed are told one by one.
            for detection in vision.detections where vision.tracks == nil {
                let subject = Subject.object(label: detection.label)
                if let known = seen[subject], known.score >= detection.score { continue }
                seen[subject] = Appearance(score: detection.score, box: detection.box)
            }
        }
    }

    /// The smallest box that holds all of them.
    private static func around(_ boxes: [PictureBox]) -> PictureBox? {
        guard let first = boxes.first else { return nil }
        return boxes.dropFirst().reduce(first) { whole, box in
            PictureBox(
                left: min(whole.left, box.left), top: min(whole.top, box.top), right: max(whole.right, box.right),
                bottom: max(whole.bottom, box.bottom))
        }
    }
}

internal import StreamModel

/// Which detections of a picture are which of the things that are known, found in several stages: what one leaves is the next one's.
struct TrackAssociation: Sendable {
    /// One round of it.
    struct Stage: Sendable {
        /// What a thing and a detection have to have in common.
        enum Gate: Sendable {
            /// At least so much of both together, 0…1.
            case overlap(Double)
            /// Be about as large, and near.
            case nearness
        }

        /// Which things take part.
        var states: Set<ObjectTrack.State>
        /// Which detections take part, by their score.
        var scores: Range<Double>
        var gate: Gate
    }

    /// From this score on, ByteTrack takes a detection for a sure one; below it begins nothing.
    private static let sureScore = 0.5
    /// Below, not even ByteTrack looks.
    private static let leastScore = 0.1

    private static let known: Set<ObjectTrack.State> = [.confirmed, .lost]
    private static let simpleStages = [
        Stage(states: known, scores: 0..<2, gate: .overlap(0.2)),
        Stage(states: [.tentative], scores: 0..<2, gate: .overlap(0.3)),
        Stage(states: [.confirmed, .lost, .tentative], scores: 0..<2, gate: .nearness),
    ]
    /// The last for what moves further between two pictures than it is wide, which its authors don't have at 30 a second.
    private static let byteStages = [
        Stage(states: known, scores: sureScore..<2, gate: .overlap(0.2)),
        // What is lost is found again by sure detections alone; its authors ask for an overlap of 0.5 here.
        Stage(states: [.confirmed], scores: leastScore..<sureScore, gate: .overlap(0.3)),
        Stage(states: [.tentative], scores: sureScore..<2, gate: .overlap(0.3)),
        Stage(states: [.confirmed, .lost, .tentative], scores: sureScore..<2, gate: .nearness),
    ]

    static func stages(of method: TrackingMethod) -> [Stage] {
        switch method {
        case .simpleIoUKalman: simpleStages
        case .byteTrack: byteStages
        }
    }

    static func leastScoreOfNew(_ method: TrackingMethod) -> Double {
        switch method {
        case .simpleIoUKalman: 0
        case .byteTrack: sureScore
        }
    }

    private var solver = AssignmentSolver()
    private var detections: [Detection] = []
    private var isTaken: [Bool] = []
    /// By thing, the index of its detection.
    private var matches: [Int?] = []
    /// What takes part in a stage, by index.
    private var candidates: (tracks: [Int], detections: [Int]) = ([], [])

    mutating func begin(_ tracks: [ObjectTrack], _ detections: [Detection]) {
        self.detections = detections
        isTaken.removeAll(keepingCapacity: true)
        isTaken.append(contentsOf: repeatElement(false, count: detections.count))
        matches.removeAll(keepingCapacity: true)
        matches.append(contentsOf: repeatElement(nil, count: tracks.count))
    }

    mutating func match(_ stage: Stage, _ tracks: [ObjectTrack]) {
        candidates.tracks.removeAll(keepingCapacity: true)
        candidates.detections.removeAll(keepingCapacity: true)
        for index in tracks.indices where matches[index] == nil && stage.states.contains(tracks[index].state) {
            candidates.tracks.append(index)
        }
        for index in detections.indices where !isTaken[index] && stage.scores.contains(detections[index].score) {
            candidates.detections.append(index)
        }
        let (candidates, detections) = (candidates, detections)
        var found: [(track: Int, detection: Int)] = []
        solver.match(candidates.tracks.count, with: candidates.detections.count) { first, second in
            Self.cost(tracks[candidates.tracks[first]], detections[candidates.detections[second]], stage.gate)
        } found: { first, second in
            found.append((candidates.tracks[first], candidates.detections[second]))
        }
        for (track, detection) in found {
            matches[track] = detection
            isTaken[detection] = true
        }
    }

    func detection(of track: Int) -> Detection? { matches[track].map { detections[$0] } }

    /// What belongs to nothing that is known.
    var unmatched: [Detection] { detections.indices.filter { !isTaken[$0] }.map { detections[$0] } }

    /// Nil for what can't be the same.
    private static func cost(_ track: ObjectTrack, _ detection: Detection, _ gate: Stage.Gate) -> Double? {
        let cost: Double
        switch gate {
        case .overlap(let least):
            let overlap = track.expected.overlap(with: detection.box)
            guard overlap >= least else { return nil }
            cost = 1 - overlap
        case .nearness:
            guard let distance = Self.distance(track, detection.box) else { return nil }
            cost = distance
        }
        // Last, because texts take longest to compare.
        return track.detection.label == detection.label ? cost : nil
    }

    /// Of a distance, in deviations, that two places of the same thing have in one of a hundred cases (chi-square of two numbers).
    private static let furthest = 3.03

    /// 0…1 of how far it may be; nil for what is further, or is much larger or smaller (the reference's limits).
    private static func distance(_ track: ObjectTrack, _ box: PictureBox) -> Double? {
        let last = track.detection.box
        guard (0.35...2.85).contains(box.area / last.area), track.motion.deviation(of: box) < furthest else {
            return nil
        }
        let limit = min(max(2.8 * last.width, 0.1), 0.22)
        let (from, to) = (track.expected.centre, box.centre)
        let (x, y) = (to.x - from.x, to.y - from.y)
        let distance = (x * x + y * y).squareRoot() / limit
        return distance < 1 ? distance : nil
    }
}

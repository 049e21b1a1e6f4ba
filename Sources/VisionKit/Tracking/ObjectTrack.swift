public import StreamModel

/// A thing that is known again from picture to picture.
public struct ObjectTrack: Sendable {
    public enum State: String, Sendable {
        /// Seen once: it may have been a mistake.
        case tentative
        /// Seen in the last picture, and before.
        case confirmed
        /// Not seen in the last picture, and not yet gone.
        case lost
    }

    /// So many places are remembered.
    public static let trailLimit = 32
    /// A thing that moved less, as a part of the picture, is at the same place.
    private static let leastStep = 0.004

    /// Larger than that of each one before.
    public let number: Int
    /// As it was seen last.
    public private(set) var detection: Detection
    public internal(set) var state = State.tentative
    /// How often it was seen.
    public private(set) var hits = 1
    /// The centres of where it was, the newest last.
    public private(set) var trail: [PicturePoint]

    var motion: BoxMotion
    /// By the tracker's clock, in seconds.
    private(set) var seenAt: Double
    /// Pictures in a row without it.
    private(set) var misses = 0
    /// Where it should be in the picture that is looked at.
    var expected: PictureBox

    init(_ detection: Detection, number: Int, at time: Double) {
        self.number = number
        self.detection = detection
        motion = BoxMotion(detection.box)
        expected = detection.box
        trail = [PicturePoint(detection.box)]
        seenAt = time
    }

    mutating func predict(after seconds: Double) {
        motion.predict(after: seconds, isSeen: state != .lost)
        expected = motion.box
    }

    mutating func see(_ detection: Detection, at time: Double) {
        motion.correct(detection.box)
        self.detection = detection
        seenAt = time
        misses = 0
        hits += 1
        state = .confirmed
        let point = PicturePoint(detection.box)
        guard let last = trail.last, max(abs(point.x - last.x), abs(point.y - last.y)) >= Self.leastStep else { return }
        if trail.count == Self.trailLimit { trail.removeFirst() }
        trail.append(point)
    }

    mutating func miss() {
        misses += 1
        if state == .confirmed { state = .lost }
    }

    /// - Parameter limit: seconds for which it may be out of sight.
    func isGone(at time: Double, after limit: Double) -> Bool {
        switch state {
        case .confirmed: false
        // To be seen once may have been a mistake of the detector, as may be not to be seen once.
        case .tentative: misses > 1
        // However rarely one looks: it was looked for in vain.
        case .lost: time - seenAt >= limit
        }
    }
}

extension PicturePoint {
    fileprivate init(_ box: PictureBox) { self.init(x: box.centre.x, y: box.centre.y) }
}

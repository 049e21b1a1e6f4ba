public import StreamModel

/// Knows the things that a detector finds again from picture to picture. Things of different labels are never the same.
///
/// A value for the pictures of one camera. Whatever it is given, it takes a bounded time and keeps a bounded number of things.
public struct ObjectTracker: Sendable {
    /// Things at a time, and detections of a picture; of more, the best count.
    public static let limit = TrackedObject.limit
    /// When nothing was looked at for so many seconds, what is there then is something else. Events of a step end when nothing was heard
    /// of it for 75, and it may have told last 10 before it looked last; once a minute is no silence.
    public static let silenceLimit = 65.0

    /// What is known now: seen in the last picture, or not yet gone.
    public private(set) var tracks: [ObjectTrack] = []

    private let method: TrackingMethod
    /// In seconds.
    private let closeAfter: Double
    /// In seconds; stands still while ``resume(at:)`` says so, and goes forward whatever the pictures' clock does.
    private var clock = 0.0
    private var lookedAt: ContinuousClock.Instant?
    private var lastNumber = 0
    private var association = TrackAssociation()

    /// - Parameter closeAfter: what was not seen for so long is gone.
    public init(_ method: TrackingMethod, closeAfter: Duration) {
        self.method = method
        self.closeAfter = closeAfter / .seconds(1)
    }

    /// Takes what was found in the next picture.
    ///
    /// - Parameter time: of the picture.
    public mutating func update(_ detections: [Detection], at time: ContinuousClock.Instant) {
        let elapsed = max((lookedAt ?? time).duration(to: time) / .seconds(1), 0)
        lookedAt = time
        if elapsed > Self.silenceLimit { tracks.removeAll() }
        clock += elapsed
        for index in tracks.indices { tracks[index].predict(after: elapsed) }
        association.begin(tracks, Self.usable(detections))
        for stage in TrackAssociation.stages(of: method) { association.match(stage, tracks) }
        for index in tracks.indices {
            if let detection = association.detection(of: index) {
                tracks[index].see(detection, at: clock)
            } else {
                tracks[index].miss()
            }
        }
        let (now, closeAfter) = (clock, closeAfter)
        tracks.removeAll { $0.isGone(at: now, after: closeAfter) }
        for detection in association.unmatched {
            guard detection.score >= TrackAssociation.leastScoreOfNew(method), makeRoom() else { continue }
            lastNumber += 1
            tracks.append(ObjectTrack(detection, number: lastNumber, at: clock))
        }
    }

    /// What was out of sight for longest gives its place to what is there.
    private mutating func makeRoom() -> Bool {
        guard tracks.count >= Self.limit else { return true }
        let lost = tracks.indices.filter { tracks[$0].state == .lost }
        guard let oldest = lost.min(by: { tracks[$0].seenAt < tracks[$1].seenAt }) else { return false }
        tracks.remove(at: oldest)
        return true
    }

    /// The time since the last picture does not count: nothing can have changed meanwhile.
    public mutating func resume(at time: ContinuousClock.Instant) { lookedAt = time }

    /// Forgets what is known; its numbers don't come again.
    public mutating func removeAll() { tracks.removeAll() }

    private static func usable(_ detections: [Detection]) -> [Detection] {
        let usable = detections.filter { $0.score.isFinite && $0.box.width > 0 && $0.box.height > 0 }
        return usable.count <= limit ? usable : Array(usable.sorted { $0.score > $1.score }.prefix(limit))
    }
}

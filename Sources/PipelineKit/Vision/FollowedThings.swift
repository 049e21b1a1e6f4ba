import Foundation
import MediaKit
import StreamModel
import VisionKit

/// The things that a step follows before a camera.
struct FollowedThings: Sendable {
    let cameraID: String
    private let config: VisionTrackConfig
    /// Tells apart what has the same number, before another start of this step for one.
    private let session = String(UInt32.random(in: .min ... .max), radix: 16)
    private var tracker: ObjectTracker
    /// What was said last.
    private var finding: VisionFinding?
    private var pausedAt: MonotonicInstant?
    /// By number, which pictures pass for it; nil where all do.
    private var limiters: [Int: FrameRateLimiter?] = [:]

    init(_ config: VisionTrackConfig, cameraID: String) {
        self.config = config
        self.cameraID = cameraID
        tracker = ObjectTracker(config.method, closeAfter: config.closeAfter)
    }

    var isPaused: Bool { pausedAt != nil }

    /// Whether there is nothing that was seen more than once and is not gone.
    var isEmpty: Bool { followed.isEmpty }

    private var followed: [ObjectTrack] { tracker.tracks.filter { $0.state != .tentative } }

    /// Takes what was found in the next picture, and says what of it is followed.
    mutating func look(at vision: VisionFinding, _ time: MonotonicInstant) -> VisionFinding {
        if pausedAt != nil { tracker.resume(at: time) }
        pausedAt = nil
        tracker.update(vision.detections, at: time)
        var vision = vision
        vision.tracks = objects
        finding = vision
        return vision
    }

    /// There was nothing in the next picture; nil where nothing was ever said of one.
    mutating func lookAtNothing(_ time: MonotonicInstant) -> VisionFinding? {
        guard var finding else { return nil }
        finding.detections = []
        return look(at: finding, time)
    }

    /// Nothing can have changed.
    /// - Returns: whether it is so for longer than that may be believed: then all is forgotten.
    mutating func pause(at time: MonotonicInstant) -> Bool {
        let pausedAt = pausedAt ?? time
        self.pausedAt = pausedAt
        guard let longest = config.longestPause, pausedAt.duration(to: time) >= longest else { return true }
        forget()
        return false
    }

    mutating func forget() {
        tracker.removeAll()
        limiters = [:]
    }

    /// Whether a picture passes for one of the things; it is taken that it does.
    mutating func isDue(at time: MonotonicInstant) -> Bool {
        let followed = followed
        limiters = limiters.filter { number, _ in followed.contains { $0.number == number } }
        var isDue = false
        for track in followed {
            var limiter = limiters[track.number] ?? newLimiter(of: track.detection.label)
            if limiter?.admit(time) != false { isDue = true }
            limiters.updateValue(limiter, forKey: track.number)
        }
        return isDue
    }

    private func newLimiter(of label: String) -> FrameRateLimiter? {
        let interval = config.interval(of: label)
        return interval > .zero ? FrameRateLimiter(framesPerSecond: .seconds(1) / interval) : nil
    }

    /// Those that are seen first, and of them the surest.
    private var objects: [TrackedObject] {
        followed
            .sorted { a, b in
                (a.state == .lost ? 1 : 0, -a.detection.score, a.number)
                    < (b.state == .lost ? 1 : 0, -b.detection.score, b.number)
            }
            .map { track in
                TrackedObject(
                    trackingID: "trk:\(cameraID):\(session)-\(track.number)", sourceTrackingID: String(track.number),
                    cameraID: cameraID, detection: track.detection, trackerID: config.method.rawValue,
                    metadata: TrackedObject.Metadata(
                        hits: track.hits, state: track.state == .lost ? .lost : .confirmed),
                    trail: track.trail)
            }
    }
}

import Foundation
import MediaKit
import StreamModel
import VisionKit

/// The things that a step follows before a camera.
struct FollowedThings: Sendable {
    let cameraID: String
    private let config: VisionTrackConfig
    /// Tells apart what has the same number, before another start of this step for one.
    private let session = String(UInt64.random(in: .min ... .max), radix: 16)
    private var tracker: ObjectTracker
    /// What was said last.
    private var finding: VisionFinding?
    private var pausedAt: MonotonicInstant?
    /// When it was last known whether things are there.
    private var heardAt: MonotonicInstant?
    /// Of the last picture that came here, if any did.
    var pictureAt: MonotonicInstant?
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
        if wasSilent(until: time) {
            forget()
        } else if pausedAt != nil {
            tracker.resume(at: time)
        }
        pausedAt = nil
        heardAt = time
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
    /// - Returns: whether that may be believed still; if not, all is forgotten.
    mutating func pause(at time: MonotonicInstant) -> Bool {
        let began = pausedAt ?? time
        let isTooLong = config.longestPause.map { began.duration(to: time) >= $0 } ?? false
        let isBelieved = !isTooLong && !wasSilent(until: time)
        if !isBelieved { forget() }
        pausedAt = isBelieved ? began : nil
        heardAt = time
        return isBelieved
    }

    mutating func forget() {
        tracker.removeAll()
        limiters = [:]
        pausedAt = nil
    }

    /// Whether a camera was away for so long that nothing of before can be known again.
    private func wasSilent(until time: MonotonicInstant) -> Bool {
        heardAt.map { $0.duration(to: time) > .seconds(ObjectTracker.silenceLimit) } ?? false
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
        // A transmission takes an older picture for that of a camera that is lost.
        let interval = min(config.interval(of: label), WriterArbiter.freshness / 2)
        return interval > .zero ? FrameRateLimiter(framesPerSecond: .seconds(1) / interval) : nil
    }

    /// Those that are seen first, and of them the surest.
    var objects: [TrackedObject] {
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

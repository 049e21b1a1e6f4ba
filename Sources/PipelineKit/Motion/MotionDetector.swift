import MediaKit
import StreamModel

/// What moves in a picture.
struct Motion: Equatable, Sendable {
    /// The part of what is looked at that moves, 0…1.
    var score = 0.0
    /// Where, the largest area first.
    var areas: [MovingArea] = []
}

/// Says how much of a camera's picture moves, by what differs from a background that it learns.
///
/// - What is compared is the background, not the last picture: what moves slowly differs as much as what is fast.
/// - A sample differs when it is further from the background than its own noise explains (``SceneModel``).
/// - Light that changes for the whole picture is taken away first (``LightChange``). When most of the picture is another one at
///   once (a switch, infra-red light, a camera that is turned), the background is learnt anew.
/// - Specks such as rain are left out, and so is light that moves over a scene: headlights and shadows leave its texture.
///
/// It knows no clock and no chance: the same pictures at the same times give the same result.
struct MotionDetector: Sendable {
    /// A longer time between two pictures counts as this: what happened meanwhile is not known.
    static let longestStep: Duration = .seconds(1)
    /// After most of the picture has changed, it has to be quiet for so long: a camera adjusts itself to the light.
    static let settling: Duration = .seconds(1)
    /// What changes for longer is no light: the camera moves, or something does right before it.
    static let longestSettling: Duration = .seconds(5)

    private let mask: MotionMask?
    private var scene: SceneModel?
    /// 1 for samples that are looked at.
    private var isLookedAt: [UInt8] = []
    private var lookedAtCount = 0
    private var firstTime: MonotonicInstant?
    private var lastTime: MonotonicInstant?
    /// Since when the background is being learnt anew, and when most of the picture changed last.
    private var settlingSince: MonotonicInstant?
    private var lastUpheaval: MonotonicInstant?
    /// Whether that took too long: until the picture has been calm, what changes is motion.
    private var hasGivenUp = false

    /// - Parameter mask: where to look; nil for everywhere.
    init(mask: MotionMask? = nil) { self.mask = mask }

    /// What moves: nothing in the first second, and while the background is being learnt anew.
    mutating func look(at picture: LumaPicture, at time: MonotonicInstant) -> Motion {
        guard var scene = scene.take(), scene.fits(picture), let last = lastTime else {
            begin(with: picture, at: time)
            return Motion()
        }
        defer { self.scene = scene }
        lastTime = time
        let elapsed = min(max(last.duration(to: time), .zero), Self.longestStep)
        if settles(scene.compare(picture), at: time) {
            scene.learnAnew(picture)
            return Motion()
        }
        let squares = scene.movingSquares(of: picture, within: isLookedAt)
        scene.learn(picture, elapsed: elapsed)
        guard let firstTime, firstTime.duration(to: time) >= Self.settling, lookedAtCount > 0 else { return Motion() }
        let moving = squares.reduce(0) { $0 + $1.count }
        return Motion(score: Double(moving) / Double(lookedAtCount), areas: MovingArea.all(of: squares))
    }

    private mutating func begin(with picture: LumaPicture, at time: MonotonicInstant) {
        scene = SceneModel(picture)
        isLookedAt =
            mask?.samples(width: picture.width, height: picture.height)
            ?? [UInt8](repeating: 1, count: picture.samples.count)
        lookedAtCount = isLookedAt.reduce(0) { $0 + Int($1) }
        firstTime = time
        lastTime = time
        settlingSince = nil
        lastUpheaval = nil
        hasGivenUp = false
    }

    /// Whether the background is being learnt anew.
    private mutating func settles(_ comparison: SceneModel.Comparison, at time: MonotonicInstant) -> Bool {
        if comparison.isCalm { hasGivenUp = false }
        if comparison.isUpheaval, !hasGivenUp {
            lastUpheaval = time
            if settlingSince == nil { settlingSince = time }
        }
        guard let since = settlingSince, let upheaval = lastUpheaval else { return false }
        let isOver = upheaval.duration(to: time) >= Self.settling
        let isTooLong = since.duration(to: time) >= Self.longestSettling
        guard isOver || isTooLong else { return true }
        hasGivenUp = !isOver
        settlingSince = nil
        return false
    }
}

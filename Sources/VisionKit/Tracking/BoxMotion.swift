internal import StreamModel

/// Where a box is and how it moves: a Kalman filter of constant velocity.
///
/// Its eight numbers (centre, size, and how each changes) fall apart into four filters of two, because nothing that is measured or
/// assumed of one of centre and size says anything of the others.
struct BoxMotion: Sendable {
    /// A number that changes, and how sure both are (Kalman, 1960, for two states).
    private struct Axis {
        var position: Double
        var velocity = 0.0
        /// The covariance of both.
        var positionVariance: Double
        var covariance = 0.0
        var velocityVariance: Double

        /// - Parameter acceleration: the variance that a second adds to the velocity.
        mutating func predict(after seconds: Double, acceleration: Double) {
            position += velocity * seconds
            positionVariance +=
                seconds * (2 * covariance + seconds * velocityVariance) + acceleration * seconds * seconds * seconds / 3
            covariance += seconds * velocityVariance + acceleration * seconds * seconds / 2
            velocityVariance += acceleration * seconds
        }

        mutating func correct(_ measured: Double, variance: Double) {
            let total = positionVariance + variance
            let (positionGain, velocityGain) = (positionVariance / total, covariance / total)
            let error = measured - position
            position += positionGain * error
            velocity += velocityGain * error
            velocityVariance -= velocityGain * covariance
            covariance -= positionGain * covariance
            positionVariance -= positionGain * positionVariance
        }
    }

    // Deviations, as parts of the box's size: what a detector's boxes jitter by, how fast things move (a walker by almost their own
    // height in a second), and how much that changes within a second.
    private static let jitter = (centre: 0.05, size: 0.1)
    private static let speed = (centre: 1.5, size: 0.3)
    private static let acceleration = (centre: 0.5, size: 0.2)
    /// Of what moved before it went out of sight, this is left of its speed after a second: it may have stopped there.
    private static let remembered = 0.7
    /// A prediction for longer says nothing.
    private static let longestStep = 2.0
    /// Smaller boxes would be surer than any detector is.
    private static let leastSize = 0.005

    private var x: Axis
    private var y: Axis
    private var width: Axis
    private var height: Axis

    init(_ box: PictureBox) {
        let (jitter, speed) = (Self.jitter, Self.speed)
        let size = Self.size(box.width, box.height)
        func axis(_ value: Double, _ jitter: Double, _ speed: Double) -> Axis {
            Axis(
                position: value, positionVariance: Self.square(jitter * size),
                velocityVariance: Self.square(speed * size))
        }
        x = axis(box.centre.x, jitter.centre, speed.centre)
        y = axis(box.centre.y, jitter.centre, speed.centre)
        width = axis(box.width, jitter.size, speed.size)
        height = axis(box.height, jitter.size, speed.size)
    }

    /// Where it is now, as far as it is in the picture.
    var box: PictureBox {
        let (halfWidth, halfHeight) = (max(width.position, 0) / 2, max(height.position, 0) / 2)
        return PictureBox(
            left: x.position - halfWidth, top: y.position - halfHeight, right: x.position + halfWidth,
            bottom: y.position + halfHeight)
    }

    /// - Parameter isSeen: whether it was seen in the last picture.
    mutating func predict(after seconds: Double, isSeen: Bool) {
        let seconds = min(seconds, Self.longestStep)
        let size = Self.size(width.position, height.position)
        let centre = Self.square(Self.acceleration.centre * size)
        x.predict(after: seconds, acceleration: centre)
        y.predict(after: seconds, acceleration: centre)
        let change = Self.square(Self.acceleration.size * size)
        width.predict(after: seconds, acceleration: change)
        height.predict(after: seconds, acceleration: change)
        guard !isSeen else { return }
        let rest = max(1 - (1 - Self.remembered) * seconds, 0)
        x.velocity *= rest
        y.velocity *= rest
        // What is hidden step by step looks as if it shrank.
        width.velocity = 0
        height.velocity = 0
    }

    mutating func correct(_ box: PictureBox) {
        let size = Self.size(width.position, height.position)
        let centre = Self.square(Self.jitter.centre * size)
        x.correct(box.centre.x, variance: centre)
        y.correct(box.centre.y, variance: centre)
        let extent = Self.square(Self.jitter.size * size)
        width.correct(box.width, variance: extent)
        height.correct(box.height, variance: extent)
    }

    /// How far a box is from where it should be, in deviations of what is known of that.
    func deviation(of box: PictureBox) -> Double {
        let jitter = Self.square(Self.jitter.centre * Self.size(width.position, height.position))
        return
            (Self.square(box.centre.x - x.position) / (x.positionVariance + jitter)
            + Self.square(box.centre.y - y.position) / (y.positionVariance + jitter)).squareRoot()
    }

    private static func size(_ width: Double, _ height: Double) -> Double { max((width + height) / 2, leastSize) }
    private static func square(_ value: Double) -> Double { value * value }
}

extension PictureBox {
    var width: Double { right - left }
    var height: Double { bottom - top }
    var centre: (x: Double, y: Double) { ((left + right) / 2, (top + bottom) / 2) }

    /// What both have of what they have together, 0…1.
    func overlap(with other: PictureBox) -> Double {
        let width = min(right, other.right) - max(left, other.left)
        let height = min(bottom, other.bottom) - max(top, other.top)
        guard width > 0, height > 0 else { return 0 }
        let shared = width * height
        return shared / (area + other.area - shared)
    }
}

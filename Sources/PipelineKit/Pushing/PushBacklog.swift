import StreamModel
import StreamProtocols

/// What waits to be sent to a destination: while there is no connection, the newest group of pictures; then what comes faster than it
/// is sent, up to a bound, behind which everything up to the next keyframe is dropped.
struct PushBacklog: Sendable {
    /// More than five seconds of 60 pictures and 47 frames of sound.
    static let unitLimit = 600
    /// Ten seconds of what services for the public take at most.
    static let byteLimit = 8 << 20

    private var start = StartBuffer()
    private var units: [PublishedUnit] = []
    private var byteCount = 0
    private var isOpen = false
    private var waitsForKeyframe = false

    /// - Returns: how many pictures were dropped that should have been sent.
    mutating func append(_ unit: PublishedUnit) -> Int {
        guard isOpen else {
            _ = start.append(unit)
            return 0
        }
        if waitsForKeyframe {
            guard unit.isKeyframe else { return unit.isPicture ? 1 : 0 }
            waitsForKeyframe = false
        }
        var dropped = 0
        if units.count >= Self.unitLimit || byteCount + unit.sample.byteCount > Self.byteLimit {
            dropped = units.count(where: \.isPicture)
            (units, byteCount) = ([], 0)
            guard unit.isKeyframe else {
                waitsForKeyframe = true
                return dropped + (unit.isPicture ? 1 : 0)
            }
        }
        units.append(unit)
        byteCount += unit.sample.byteCount
        return dropped
    }

    /// There is a connection: it begins with a keyframe.
    mutating func open() {
        isOpen = true
        units = start.take()
        byteCount = units.reduce(0) { $0 + $1.sample.byteCount }
        waitsForKeyframe = units.isEmpty
    }

    /// There is none any more, and what waited for it is too old for the next.
    mutating func close() { self = PushBacklog() }

    /// Hands out all that waits, in its order.
    mutating func take() -> [PublishedUnit] {
        defer { (units, byteCount) = ([], 0) }
        return units
    }
}

import NIOCore

/// The units since the last keyframe, sound among them, kept while a connection is being opened: what a viewer sees first is then the
/// picture that was encoded first, not one a group of pictures later.
struct StartBuffer: Sendable {
    /// A second at the highest rate, with two sounds of it; opening takes milliseconds when the engine is there.
    static let unitLimit = 240
    static let byteLimit = 4 << 20

    private var units: [PublishedUnit] = []
    private var byteCount = 0

    var isEmpty: Bool { units.isEmpty }

    private var pictureCount: Int { units.count(where: \.isPicture) }

    /// - Returns: how many pictures were dropped.
    mutating func append(_ unit: PublishedUnit) -> Int {
        if unit.isKeyframe {
            let dropped = pictureCount
            // Sound may have come before the picture that it belongs to.
            units = [unit] + units.filter { !$0.isPicture && $0.time >= unit.time }
            byteCount = units.reduce(0) { $0 + $1.bytes.readableBytes }
            return dropped
        }
        // Without its keyframe a unit can't be decoded.
        guard !units.isEmpty else { return unit.isPicture ? 1 : 0 }
        guard units.count < Self.unitLimit, byteCount + unit.bytes.readableBytes <= Self.byteLimit else {
            let dropped = pictureCount + (unit.isPicture ? 1 : 0)
            units = []
            return dropped
        }
        units.append(unit)
        byteCount += unit.bytes.readableBytes
        return 0
    }

    /// Hands out the units, keyframe first, and is empty then.
    mutating func take() -> [PublishedUnit] {
        defer { units = [] }
        return units
    }
}

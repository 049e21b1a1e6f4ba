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

    /// - Parameter keepingGroups: whether another keyframe goes behind what waits, not in its place.
    /// - Returns: how many pictures were dropped.
    mutating func append(_ unit: PublishedUnit, keepingGroups: Bool = false) -> Int {
        let isFull = units.count >= Self.unitLimit || byteCount + unit.bytes.readableBytes > Self.byteLimit
        if unit.isKeyframe, units.isEmpty || isFull || !keepingGroups {
            let dropped = pictureCount
            // Sound may have come before the picture that it belongs to.
            units = [unit] + units.filter { !$0.isPicture && $0.time >= unit.time }
            byteCount = units.reduce(0) { $0 + $1.bytes.readableBytes }
            return dropped
        }
        // Without its keyframe a unit can't be decoded.
        guard !units.isEmpty else { return unit.isPicture ? 1 : 0 }
        guard !isFull else {
            let dropped = pictureCount + (unit.isPicture ? 1 : 0)
            units = []
            return dropped
        }
        units.append(unit)
        byteCount += unit.bytes.readableBytes
        return 0
    }

    /// Of some tracks, those of which nothing waits.
    func missing(of tracks: Set<Int>) -> Set<Int> { tracks.subtracting(units.map(\.track)) }

    /// Hands out the units, keyframe first and each sound beside its picture, and is empty then.
    mutating func take() -> [PublishedUnit] {
        defer { units = [] }
        // Encoders give sound some pictures later.
        var sounds = units.filter { !$0.isPicture }.sorted { $0.time < $1.time }[...]
        var result: [PublishedUnit] = []
        result.reserveCapacity(units.count)
        for picture in units where picture.isPicture {
            if !result.isEmpty {
                let earlier = sounds.prefix { $0.time < picture.time }
                result += earlier
                sounds = sounds.dropFirst(earlier.count)
            }
            result.append(picture)
        }
        return result + sounds
    }
}

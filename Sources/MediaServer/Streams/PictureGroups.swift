/// The groups of pictures of a stream: each track of pictures has one of its own, and what is no picture goes with the first of
/// them.
struct PictureGroups {
    private var groups: [GroupOfPictures]
    /// Of each track; nil where nothing is kept, because there are no pictures.
    private let places: [Int?]

    /// - Parameter pictureTracks: those that have keyframes.
    init(pictureTracks: [Int], trackCount: Int) {
        var limits = GroupOfPictures.Limits()
        // All together take no more than one alone.
        limits.byteCount /= max(pictureTracks.count, 1)
        limits.unitCount /= max(pictureTracks.count, 1)
        groups = pictureTracks.map { _ in GroupOfPictures(limits: limits) }
        places = (0..<trackCount).map { pictureTracks.firstIndex(of: $0) ?? (pictureTracks.isEmpty ? nil : 0) }
    }

    var byteCount: Int { groups.reduce(0) { $0 + $1.byteCount } }

    /// What is kept, in the order that it came.
    var units: [PacketizedUnit] {
        if groups.count == 1 { return groups[0].units }
        return groups.flatMap(\.units).sorted { $0.unit.number < $1.unit.number }
    }

    /// Whether a viewer of the track can begin at once.
    func hasGroup(ofTrack track: Int) -> Bool { places[track].map { !groups[$0].isEmpty } ?? false }

    mutating func append(_ unit: PacketizedUnit) {
        if let place = places[unit.unit.track] { groups[place].append(unit) }
    }

    /// Makes the packets of a profile that are missing: what came while nobody needed them has none.
    mutating func packetize(for profile: PacketProfile, by tracks: [StreamTrack]) {
        for index in groups.indices { groups[index].packetize(for: profile, by: tracks) }
    }

    mutating func clear() {
        for index in groups.indices { groups[index].clear() }
    }
}

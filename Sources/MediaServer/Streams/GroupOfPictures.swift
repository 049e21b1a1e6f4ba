/// What came since the last keyframe, sound too, for viewers that come now. When it grows beyond its bounds it is
/// dropped, and viewers wait for the next keyframe.
struct GroupOfPictures {
    struct Limits: Equatable {
        /// Four seconds of 32 Mb/s.
        var byteCount = 16 << 20
        var unitCount = 8192
    }

    private let limits: Limits
    private(set) var units: [PacketizedUnit] = []
    private(set) var byteCount = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    var isEmpty: Bool { units.isEmpty }

    mutating func append(_ packetized: PacketizedUnit) {
        let unit = packetized.unit
        if unit.isKeyframe {
            units.removeAll(keepingCapacity: true)
            byteCount = 0
        } else if units.isEmpty {
            return
        }
        guard byteCount + unit.byteCount <= limits.byteCount, units.count < limits.unitCount else {
            clear()
            return
        }
        units.append(packetized)
        byteCount += unit.byteCount
    }

    /// Makes the packets of a profile that are missing.
    mutating func packetize(for profile: PacketProfile, by tracks: [StreamTrack]) {
        for index in units.indices { units[index].packetize(for: profile, by: tracks[units[index].unit.track]) }
    }

    mutating func clear() {
        units = []
        byteCount = 0
    }
}

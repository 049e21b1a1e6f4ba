/// How the light of a whole picture differs from that of its background: exposure that adjusts itself, a cloud, dusk.
///
/// Found from medians, which things that move don't change: one of the darker half of the background, and one of the
/// brighter half.
struct LightChange: Equatable {
    /// What is added to a background as bright as ``pivot``.
    var offset: Int16 = 0
    /// What is added for each level above it, in 1/256.
    var slope: Int16 = 0
    var pivot: Int16 = 0

    /// One of so many samples is looked at. It divides no usual width, so that all columns have their turn.
    private static let step = 17
    /// Halves whose means are nearer say nothing about contrast.
    private static let leastDistance = 16
    private static let slopeLimit = 128

    /// None.
    init() {}

    var isNone: Bool { offset == 0 && slope == 0 }

    /// - Parameter background: as many levels as the picture has samples.
    init(from background: [UInt8], to picture: [UInt8]) {
        var levels = [Int](repeating: 0, count: 256)
        for index in stride(from: 0, to: picture.count, by: Self.step) { levels[Int(background[index])] += 1 }
        let middle = Self.median(of: levels)
        var dark = Half()
        var bright = Half()
        for index in stride(from: 0, to: picture.count, by: Self.step) {
            let level = Int(background[index])
            if level <= middle {
                dark.note(Int(picture[index]) - level, at: level)
            } else {
                bright.note(Int(picture[index]) - level, at: level)
            }
        }
        let low = (mean: dark.mean, change: dark.change)
        offset = Int16(low.change)
        pivot = Int16(low.mean)
        guard bright.count > 0, bright.mean - low.mean >= Self.leastDistance else { return }
        let steepness = (bright.change - low.change) * 256 / (bright.mean - low.mean)
        slope = Int16(min(max(steepness, -Self.slopeLimit), Self.slopeLimit))
    }

    /// The first level that half of the samples do not exceed.
    private static func median(of counts: [Int]) -> Int {
        let half = (counts.reduce(0, +) + 1) / 2
        var seen = 0
        for (level, count) in counts.enumerated() {
            seen += count
            if seen >= half { return level }
        }
        return 0
    }

    private struct Half {
        private var changes = [Int](repeating: 0, count: 511)
        private var sum = 0
        private(set) var count = 0

        mutating func note(_ change: Int, at level: Int) {
            changes[change + 255] += 1
            sum += level
            count += 1
        }

        var mean: Int { count == 0 ? 0 : sum / count }
        var change: Int { LightChange.median(of: changes) - 255 }
    }
}

/// How fast bytes came during the last seconds.
struct TransferRate: Hashable, Sendable {
    private struct Sample: Hashable, Sendable {
        var at: Duration
        var bytes: Int
    }

    private var samples: [Sample] = []

    static let window: Duration = .seconds(5)
    private static let spacing: Duration = .milliseconds(200)

    /// - Parameters:
    ///   - bytes: all that came until now.
    ///   - at: time on any clock that only goes forward.
    mutating func record(bytes: Int, at: Duration) {
        if let last = samples.last, at - last.at < Self.spacing { return }
        samples.append(Sample(at: at, bytes: bytes))
        // The first sample stays the one at the window's beginning.
        while samples.count > 2, at - samples[1].at >= Self.window { samples.removeFirst() }
    }

    /// Nil until there are two measurements.
    var bytesPerSecond: Double? {
        guard let first = samples.first, let last = samples.last, last.at > first.at else { return nil }
        return Double(last.bytes - first.bytes) / ((last.at - first.at) / .seconds(1))
    }
}

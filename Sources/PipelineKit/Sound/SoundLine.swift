import MediaKit
import StreamProtocols

/// Where sound lies on the line that an encoder makes of it, which has no gaps: what is missing becomes silence, what comes twice is
/// left out, and a clock that counts slower or faster than time passes is followed by making sound a little longer or shorter.
struct SoundLine: Sendable, Equatable {
    typealias Instant = MonotonicInstant

    /// A frame that is further away than this from where the last one ended has lost what was before it.
    static let largestDrift: Duration = .milliseconds(15)
    /// What is nearer is in its place.
    static let smallestDrift: Duration = .milliseconds(1)

    /// How a frame gets to its place.
    struct Placement: Equatable {
        /// Samples of silence before it.
        var silence = 0
        /// What is left out of it, from its beginning.
        var skip: Duration = .zero
        /// Samples that it and what follows within a second become longer by.
        var stretch = 0
    }

    let origin: Instant
    /// Hz.
    let sampleRate: Int
    /// Samples on the line.
    var count: Int64 = 0

    init(origin: Instant, sampleRate: Int) {
        self.origin = origin
        self.sampleRate = max(sampleRate, 1)
    }

    /// Up to where there is sound.
    var end: Instant { instant(of: count) }

    func instant(of sample: Int64) -> Instant {
        origin + Duration(ticks: sample, ofRate: Int64(sampleRate))
    }

    /// Where a frame of sound that begins at an instant goes.
    func placement(of start: Instant, lasting duration: Duration) -> Placement {
        let error = end.duration(to: start)
        if error > Self.largestDrift { return Placement(silence: samples(error)) }
        if error < .zero - Self.largestDrift { return Placement(skip: min(.zero - error, duration)) }
        let isInPlace = (.zero - Self.smallestDrift...Self.smallestDrift).contains(error)
        return Placement(stretch: isInPlace ? 0 : samples(error))
    }

    /// The silence that is missing up to an instant; none when there is less than a frame of it.
    func silence(until instant: Instant) -> Int {
        let missing = end.duration(to: instant)
        return missing >= SoundPatience.step ? samples(missing) : 0
    }

    private func samples(_ duration: Duration) -> Int {
        Int((duration / .seconds(1) * Double(sampleRate)).rounded())
    }
}

/// Remembers how long sound was on its way lately, and so how long it may be before it counts as missing.
struct SoundPatience: Sendable, Equatable {
    /// Delays are compared over one to two of these.
    static let window: Duration = .seconds(10)
    static let shortest: Duration = .milliseconds(200)
    /// A camera read by HLS has segments of some seconds, which come at once.
    static let longest: Duration = .seconds(6)
    /// Silence is made in pieces of this length at least.
    static let step: Duration = .milliseconds(20)

    private var windowStart: MonotonicInstant?
    private var largest: Duration = .zero
    private var largestBefore: Duration = .zero

    /// How long after the last sound there is silence.
    var duration: Duration {
        min(max(max(largest, largestBefore) * 5 / 4 + .milliseconds(60), Self.shortest), Self.longest)
    }

    /// Sound of an instant has come.
    mutating func heard(_ start: MonotonicInstant, at now: MonotonicInstant) {
        let start = max(start.duration(to: now), .zero)
        if let windowStart, windowStart.duration(to: now) < Self.window {
            largest = max(largest, start)
        } else {
            largestBefore = windowStart == nil ? .zero : largest
            largest = start
            windowStart = now
        }
    }
}

import MediaKit

/// Tells when a picture was captured, on the monotonic clock, from its timestamp and the time it arrived.
///
/// Pictures arrive late by a varying delay, and never early. So among the differences of arrival and timestamp, drawn over
/// time, the line that all of them lie above ties the two clocks together: its height is the smallest delay, its slope how
/// much slower or faster the camera counts than time passes. Many cameras count 25 pictures a second and send 21.
/// (Moon, Skelly, Towsley: "Estimation and Removal of Clock Skew from Network Delay Measurements", INFOCOM 1999.)
struct CaptureClock: Sendable, Equatable {
    /// One difference, the smallest, is kept of each second…
    static let bucketSeconds = 1.0
    /// …and so many of them.
    static let bucketLimit = 16
    /// How much slower (below zero) or faster a camera may count.
    static let slopes = -0.6...1.5
    /// A picture that comes earlier by more than this is no smaller delay: what is known of delays is no longer true.
    static let maximumEarliness = 0.3
    /// Delays that have grown by more than this and stay so are no delays: the camera has stopped counting meanwhile.
    static let maximumGrowth = 0.7
    /// Nor is a single delay of more than this: the timestamps have jumped.
    static let maximumLateness = 10.0
    /// Timestamps that go back by more than this have jumped too. Those of reordered pictures go back by less.
    static let maximumStepBack = 1.5
    /// The speed at which an error is worn off at most: pictures never stand still for it, nor jump.
    static let maximumCorrection = 0.25
    /// The time in which it is meant to be worn off.
    static let correctionSeconds = 2.0

    /// In seconds since the tie was made: a timestamp, and the difference of arrival and timestamp.
    private struct Point: Equatable {
        var time: Double
        var offset: Double
    }

    private struct Line: Equatable {
        var through: Point
        var slope: Double

        func offset(at time: Double) -> Double { through.offset + slope * (time - through.time) }
        func height(of point: Point) -> Double { point.offset - offset(at: point.time) }
    }

    private struct Tie: Equatable {
        let timestamp: Duration
        let arrival: Duration
        var line: Line
        var latest = 0.0
        /// The lowest points of the seconds before this one.
        var points: [Point] = []
        var lowest: Point?
        var bucketStart = 0.0
    }

    private var tie: Tie?
    private let epoch: MonotonicInstant

    init(epoch: MonotonicInstant = .now) { self.epoch = epoch }

    /// The capture time of a picture, never later than its arrival.
    mutating func captureTime(timestamp: MediaTime?, arrival: MonotonicInstant) -> MonotonicInstant {
        guard let timestamp = timestamp?.duration else {
            // Without a timestamp there is nothing to tie to.
            tie = nil
            return arrival
        }
        let arrived = epoch.duration(to: arrival)
        var tie = self.tie ?? Self.makeTie(timestamp, arrived, slope: 0)
        defer { self.tie = tie }
        var point = Self.point(timestamp, arrived, in: tie)
        let lateness = tie.line.height(of: point)
        if point.time < tie.latest - Self.maximumStepBack || lateness > Self.maximumLateness {
            tie = Self.makeTie(timestamp, arrived, slope: tie.line.slope)
            point = Point(time: 0, offset: 0)
        } else if lateness < 0 {
            // It shows at once that the delay is smaller than known.
            tie.line.through = point
            if lateness < -Self.maximumEarliness { (tie.points, tie.lowest) = ([], nil) }
        }
        tie.latest = max(tie.latest, point.time)
        let offset = min(tie.line.offset(at: point.time), point.offset)
        Self.note(point, in: &tie)
        // Rounding is no reason to be in the future.
        return min(epoch + tie.arrival + .seconds(point.time + offset), arrival)
    }

    /// When what has that timestamp was captured, as far as is known now; nil while there is no picture to tell by.
    func captureTime(of timestamp: MediaTime) -> MonotonicInstant? {
        guard let tie else { return nil }
        let time = (timestamp.duration - tie.timestamp) / .seconds(1)
        return epoch + tie.arrival + .seconds(time + tie.line.offset(at: time))
    }

    private static func makeTie(_ timestamp: Duration, _ arrived: Duration, slope: Double) -> Tie {
        Tie(
            timestamp: timestamp, arrival: arrived,
            line: Line(through: Point(time: 0, offset: 0), slope: slope))
    }

    private static func point(_ timestamp: Duration, _ arrived: Duration, in tie: Tie) -> Point {
        let time = (timestamp - tie.timestamp) / .seconds(1)
        return Point(time: time, offset: (arrived - tie.arrival) / .seconds(1) - time)
    }

    private static func note(_ point: Point, in tie: inout Tie) {
        let arrived = point.time + point.offset
        if arrived - tie.bucketStart >= bucketSeconds {
            if let lowest = tie.lowest { tie.points.append(lowest) }
            if tie.points.count > bucketLimit { tie.points.removeFirst() }
            (tie.lowest, tie.bucketStart) = (nil, arrived)
            settle(&tie, at: point.time)
        }
        if tie.lowest.map({ tie.line.height(of: point) < tie.line.height(of: $0) }) ?? true { tie.lowest = point }
    }

    /// Turns the line to what is known now. It goes on where it is, and wears off what it is wrong by.
    private static func settle(_ tie: inout Tie, at time: Double) {
        // Two points say nothing about a slope: a delay more or less would be taken for one.
        guard tie.points.count > 2 else { return }
        let before = supportingLine(of: tie.points.dropLast(2)) ?? Line(through: tie.points[0], slope: tie.line.slope)
        if let last = tie.points.last, tie.points.suffix(2).allSatisfy({ before.height(of: $0) > maximumGrowth }) {
            tie.points = [last]
            tie.line = Line(through: last, slope: before.slope)
            return
        }
        guard let target = supportingLine(of: tie.points[...]) else { return }
        let offset = tie.line.offset(at: time)
        let correction = (target.offset(at: time) - offset) / correctionSeconds
        tie.line = Line(
            through: Point(time: time, offset: offset),
            slope: target.slope + min(max(correction, -maximumCorrection), maximumCorrection))
    }

    /// Of the lines that all points lie above, the one that is nearest to them: the edge of their convex hull below their
    /// middle. nil for less than two points, or such as have no extent.
    private static func supportingLine(of points: ArraySlice<Point>) -> Line? {
        var hull: [Point] = []
        for point in points.sorted(by: { ($0.time, $0.offset) < ($1.time, $1.offset) }) {
            while let last = hull.last, let before = hull.dropLast().last,
                (last.offset - before.offset) * (point.time - last.time)
                    >= (point.offset - last.offset) * (last.time - before.time)
            {
                hull.removeLast()
            }
            hull.append(point)
        }
        let middle = points.reduce(0) { $0 + $1.time } / Double(points.count)
        guard let end = hull.indices.dropFirst().first(where: { hull[$0].time >= middle }) else { return nil }
        let (left, right) = (hull[end - 1], hull[end])
        guard right.time > left.time else { return nil }
        let slope = (right.offset - left.offset) / (right.time - left.time)
        return Line(through: right, slope: min(max(slope, slopes.lowerBound), slopes.upperBound))
    }
}

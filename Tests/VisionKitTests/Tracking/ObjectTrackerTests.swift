import StreamModel
import Testing

@testable import VisionKit

@Suite struct ObjectTrackerTests {
    /// A tracker and its clock.
    private struct Rig {
        var tracker: ObjectTracker
        var time = ContinuousClock.now

        init(_ method: TrackingMethod, closeAfter: Duration = .seconds(4)) {
            tracker = ObjectTracker(method, closeAfter: closeAfter)
        }

        /// Looks at the next picture, a fifth of a second later.
        mutating func look(_ detections: Detection..., after seconds: Double = 0.2) {
            time += .seconds(seconds)
            tracker.update(detections, at: time)
        }

        /// By number, what is seen and known.
        var seen: [Int: PictureBox] {
            Dictionary(
                uniqueKeysWithValues: tracker.tracks.filter { $0.state == .confirmed }
                    .map { ($0.number, $0.detection.box) })
        }
    }

    private static func thing(
        _ x: Double, _ y: Double = 0.5, _ label: String = "person", score: Double = 0.8, width: Double = 0.1,
        height: Double = 0.3
    ) -> Detection {
        Detection(
            label: label, labelID: 0, score: score,
            box: PictureBox(left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2),
            modelID: "m")
    }

    @Test(arguments: TrackingMethod.allCases) func whatIsSeenTwiceIsKnown(method: TrackingMethod) {
        var rig = Rig(method)
        rig.look(Self.thing(0.2))
        #expect(rig.tracker.tracks.map(\.state) == [.tentative])
        rig.look(Self.thing(0.22))
        #expect(rig.tracker.tracks.map(\.state) == [.confirmed] && rig.tracker.tracks.map(\.hits) == [2])
        rig.look()
        #expect(rig.tracker.tracks.map(\.state) == [.lost])
        rig.look(Self.thing(0.26))
        #expect(rig.seen.keys.sorted() == [1])
    }

    @Test(arguments: TrackingMethod.allCases) func aMistakeOfTheDetectorIsForgotten(method: TrackingMethod) {
        var rig = Rig(method)
        rig.look(Self.thing(0.2))
        rig.look()
        rig.look()
        #expect(rig.tracker.tracks.isEmpty)
    }

    @Test(arguments: TrackingMethod.allCases) func thingsThatCrossStayWhatTheyAre(method: TrackingMethod) throws {
        var rig = Rig(method)
        for step in 0...20 {
            let x = 0.2 + 0.03 * Double(step)
            rig.look(Self.thing(x, 0.5), Self.thing(1 - x, 0.56))
        }
        #expect(rig.seen.count == 2)
        #expect(try #require(rig.seen[1]).centre.x > 0.7 && #require(rig.seen[2]).centre.x < 0.3)
    }

    @Test(arguments: TrackingMethod.allCases) func aGapIsBridgedWhereItWouldBe(method: TrackingMethod) {
        var rig = Rig(method)
        for step in 0..<8 { rig.look(Self.thing(0.1 + 0.02 * Double(step))) }
        for _ in 0..<5 { rig.look() }
        #expect(rig.seen.isEmpty && rig.tracker.tracks.map(\.state) == [.lost])
        rig.look(Self.thing(0.1 + 0.02 * 13))
        #expect(rig.seen.keys.sorted() == [1])
    }

    @Test(arguments: TrackingMethod.allCases) func whatWasGoneForLongIsAnother(method: TrackingMethod) {
        var rig = Rig(method, closeAfter: .milliseconds(900))
        for _ in 0..<3 { rig.look(Self.thing(0.5)) }
        for _ in 0..<4 { rig.look() }
        #expect(rig.tracker.tracks.map(\.state) == [.lost])
        rig.look()
        #expect(rig.tracker.tracks.isEmpty)
        for _ in 0..<2 { rig.look(Self.thing(0.5)) }
        #expect(rig.seen.keys.sorted() == [2])
    }

    @Test(arguments: TrackingMethod.allCases) func whoRarelyLooksKnowsThingsAgain(method: TrackingMethod) {
        var rig = Rig(method, closeAfter: .seconds(1))
        for _ in 0..<5 { rig.look(Self.thing(0.5), after: 30) }
        #expect(rig.seen.keys.sorted() == [1])
        rig.look(Self.thing(0.5), after: 66)
        rig.look(Self.thing(0.5))
        #expect(rig.seen.keys.sorted() == [2], "nobody knows what was there meanwhile")
    }

    @Test(arguments: TrackingMethod.allCases) func aPauseIsNoTime(method: TrackingMethod) {
        var rig = Rig(method)
        for _ in 0..<3 { rig.look(Self.thing(0.5)) }
        rig.time += .seconds(3600)
        rig.tracker.resume(at: rig.time)
        rig.look()
        rig.look(Self.thing(0.5))
        #expect(rig.seen.keys.sorted() == [1])
    }

    @Test(arguments: TrackingMethod.allCases) func anotherLabelIsAnotherThing(method: TrackingMethod) {
        var rig = Rig(method)
        for _ in 0..<3 { rig.look(Self.thing(0.5, 0.5, "car")) }
        rig.look(Self.thing(0.5, 0.5, "truck"))
        #expect(rig.seen.isEmpty, "taken for another once, it is still there and begins nothing")
        for _ in 0..<3 { rig.look(Self.thing(0.5, 0.5, "car")) }
        #expect(rig.tracker.tracks.map(\.number) == [1])
        for _ in 0..<3 { rig.look(Self.thing(0.5, 0.5, "car"), Self.thing(0.5, 0.5, "truck")) }
        #expect(rig.seen.count == 2)
    }

    @Test(arguments: TrackingMethod.allCases) func numbersAreNeverUsedAgain(method: TrackingMethod) {
        var rig = Rig(method, closeAfter: .milliseconds(50))
        var numbers: [Int] = []
        for round in 0..<30 {
            for _ in 0..<2 { rig.look(Self.thing(0.1 + 0.025 * Double(round))) }
            numbers += rig.seen.keys
            if round.isMultiple(of: 3) { rig.tracker.removeAll() } else { rig.look() }
        }
        #expect(Set(numbers).count == 30 && numbers == numbers.sorted())
    }

    @Test func whatIsBarelySeenBeginsNothingWithByteTrack() {
        var rig = Rig(.byteTrack)
        for _ in 0..<3 { rig.look(Self.thing(0.5, score: 0.3)) }
        #expect(rig.tracker.tracks.isEmpty)
        for _ in 0..<3 { rig.look(Self.thing(0.5)) }
        for _ in 0..<30 { rig.look(Self.thing(0.5, score: 0.2)) }
        #expect(rig.seen.keys.sorted() == [1], "but goes on")
    }

    @Test func whatIsLostIsNotFoundAgainByWhatIsBarelySeen() {
        var rig = Rig(.byteTrack)
        for _ in 0..<3 { rig.look(Self.thing(0.5)) }
        rig.look()
        rig.look(Self.thing(0.5, score: 0.2))
        #expect(rig.tracker.tracks.map(\.state) == [.lost], "it may be a coat where somebody was")
        rig.look(Self.thing(0.5))
        #expect(rig.seen.keys.sorted() == [1])
    }

    @Test(arguments: TrackingMethod.allCases) func whatIsThereHasPrecedenceOverWhatIsLost(method: TrackingMethod) {
        var rig = Rig(method, closeAfter: .seconds(300))
        let crowd = (0..<ObjectTracker.limit).map {
            Self.thing(0.05 + 0.1 * Double($0 % 10), 0.03 + 0.07 * Double($0 / 10), width: 0.05, height: 0.05)
        }
        for _ in 0..<2 {
            rig.time += .seconds(0.2)
            rig.tracker.update(crowd, at: rig.time)
        }
        #expect(rig.seen.count == ObjectTracker.limit)
        rig.look()
        for _ in 0..<2 { rig.look(Self.thing(0.5, 0.5, "dog")) }
        #expect(rig.seen.keys.sorted() == [ObjectTracker.limit + 1])
        #expect(rig.tracker.tracks.count == ObjectTracker.limit)
    }

    @Test(arguments: TrackingMethod.allCases)
    func whatMovesFurtherThanItIsWideIsKnownByItsWay(method: TrackingMethod) {
        var rig = Rig(method)
        for step in 0..<6 { rig.look(Self.thing(0.1 + 0.15 * Double(step)), after: 1) }
        #expect(rig.seen.keys.sorted() == [1])
        #expect(rig.tracker.tracks.map(\.trail.count) == [6])
        #expect(rig.tracker.tracks.first?.trail.last == PicturePoint(x: 0.85, y: 0.5))
    }

    @Test func aTrailIsBounded() {
        var rig = Rig(.simpleIoUKalman)
        for step in 0..<200 { rig.look(Self.thing(0.1 + 0.004 * Double(step))) }
        #expect(rig.tracker.tracks.map(\.trail.count) == [ObjectTrack.trailLimit])
        for _ in 0..<10 { rig.look(Self.thing(0.896)) }
        #expect(Set(rig.tracker.tracks.flatMap(\.trail)).count == ObjectTrack.trailLimit, "standing leaves no trail")
    }

    @Test(.timeLimit(.minutes(1)), arguments: TrackingMethod.allCases)
    func whatMakesNoSenseDoesNoHarm(method: TrackingMethod) {
        var rig = Rig(method)
        var random = SplitMix(seed: 7)
        for round in 0..<6 {
            let many = (0..<5000).map { _ in
                Self.thing(
                    random.next(), random.next(), "thing \(Int(random.next() * 3))", score: random.next(),
                    width: random.next())
            }
            rig.tracker.update(many, at: rig.time + .seconds([0, 1e-9, -1e9, 1e9, 5, 5][round]))
            #expect(rig.tracker.tracks.count <= ObjectTracker.limit)
        }
        rig = Rig(method)
        for _ in 0..<3 { rig.look(Self.thing(0.5)) }
        for value in [Double.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -1] {
            rig.look(
                Self.thing(0.5), Self.thing(value), Self.thing(0.5, value), Self.thing(0.5, width: value),
                Self.thing(0.2, score: value))
        }
        for seconds in [-1e6, 0, 0, 1e-9, 64] { rig.look(Self.thing(0.5), after: seconds) }
        #expect(rig.seen[1] == Self.thing(0.5).box)
        for track in rig.tracker.tracks { #expect(track.expected.area.isFinite) }
    }

    @Test func aSolutionCostsLeast() {
        var random = SplitMix(seed: 3)
        var solver = AssignmentSolver()
        for round in 0..<300 {
            let (rows, columns) = (round % 5, round / 5 % 6)
            let costs = (0..<rows).map { _ in (0..<columns).map { _ in random.next() * 1.5 } }
            var pairs: [(Int, Int)] = []
            solver.match(rows, with: columns, cost: { costs[$0][$1] < 1 ? costs[$0][$1] : nil }) {
                pairs.append(($0, $1))
            }
            #expect(Set(pairs.map(\.0)).count == pairs.count && Set(pairs.map(\.1)).count == pairs.count)
            let gain = pairs.reduce(0) { $0 + 1 - costs[$1.0][$1.1] }
            #expect(abs(gain - Self.bestGain(costs[...], taken: [])) < 1e-9)
        }
    }

    /// Of all ways to choose, the one that costs least: what each pair costs less than one that may not be.
    private static func bestGain(_ rows: ArraySlice<[Double]>, taken: Set<Int>) -> Double {
        guard let row = rows.first else { return 0 }
        var best = bestGain(rows.dropFirst(), taken: taken)
        for (column, cost) in row.enumerated() where cost < 1 && !taken.contains(column) {
            best = max(best, 1 - cost + bestGain(rows.dropFirst(), taken: taken.union([column])))
        }
        return best
    }
}

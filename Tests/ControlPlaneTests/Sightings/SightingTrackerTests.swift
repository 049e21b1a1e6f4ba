import StreamModel
import Testing

@testable import ControlPlane

@Suite("Sightings") struct SightingTrackerTests {
    private static let source = Observation.Source(pipelineID: "p", nodeID: "gate", cameraID: "c")
    private static let place = SightingPlace(
        cameraID: "c", cameraName: "Yard", pipelineID: "p", pipelineName: "Yard", transmissionID: "t")

    /// A tracker with its clocks.
    private struct Rig {
        var tracker = SightingTracker(nextID: 1)
        let began = ContinuousClock.now
        var elapsed: Duration = .zero
        /// Of the wall clock, against the other.
        var offset = 1000.0

        var now: SightingTracker.Time {
            SightingTracker.Time(instant: began + elapsed, unix: offset + elapsed / .seconds(1))
        }

        mutating func moves(
            _ active: Bool, score: Double = 0.5, after seconds: Double = 0, pipeline: String = "p"
        ) -> [SightingTracker.Change] {
            elapsed += .seconds(seconds)
            var source = SightingTrackerTests.source
            source.pipelineID = pipeline
            return tracker.take(
                Observation(
                    source: source, lookedFor: [.motion],
                    seen: active ? [.motion: Observation.Appearance(score: score)] : [:]),
                at: SightingTrackerTests.place, now)
        }

        mutating func sees(_ labels: [String: Double], after seconds: Double = 0) -> [SightingTracker.Change] {
            elapsed += .seconds(seconds)
            let seen = Dictionary(
                uniqueKeysWithValues: labels.map {
                    (
                        Observation.Subject.object(label: $0.key),
                        Observation.Appearance(
                            score: $0.value, box: PictureBox(left: 0, top: 0, right: $0.value, bottom: 1))
                    )
                })
            return tracker.take(
                Observation(source: SightingTrackerTests.source, lookedFor: [.object], seen: seen),
                at: SightingTrackerTests.place, now)
        }

        /// - Parameter lost: those that are awaited.
        mutating func follows(
            _ seen: [String: Double], lost: Set<String> = [], after seconds: Double = 0
        ) -> [SightingTracker.Change] {
            elapsed += .seconds(seconds)
            func subject(_ id: String) -> Observation.Subject { .track(id: id, label: "person") }
            return tracker.take(
                Observation(
                    source: SightingTrackerTests.source, lookedFor: [.object],
                    seen: Dictionary(
                        uniqueKeysWithValues: seen.map { (subject($0.key), Observation.Appearance(score: $0.value)) }),
                    awaited: Set(lost.map(subject))),
                at: SightingTrackerTests.place, now)
        }

        mutating func look(after seconds: Double) -> [SightingTracker.Change] {
            elapsed += .seconds(seconds)
            return tracker.look(now)
        }
    }

    private func opened(_ changes: [SightingTracker.Change]) -> [Sighting] {
        changes.compactMap { if case .opened(let sighting) = $0 { sighting } else { nil } }
    }

    private func closed(_ changes: [SightingTracker.Change]) -> [Sighting] {
        changes.compactMap { if case .closed(let sighting) = $0 { sighting } else { nil } }
    }

    @Test func motionBeginsGetsBetterAndEnds() throws {
        var rig = Rig()
        #expect(rig.moves(false).isEmpty)
        let begun = try #require(opened(rig.moves(true, score: 0.2)).first)
        #expect(begun.kind == .motion && begun.label == nil && begun.startedAtUnix == 1000 && begun.endedAtUnix == nil)
        #expect(rig.moves(true, score: 0.4, after: 0.5).isEmpty, "told once a second at most")
        let better = rig.look(after: 0.6)
        #expect(better.map(\.sighting.score) == [0.4])
        guard case .updated = better.first else { throw ControlPlaneError.cameraNotFound }
        #expect(rig.moves(true, score: 0.1, after: 2).isEmpty, "the best counts")
        #expect(rig.moves(false, after: 1).isEmpty, "it may go on")
        let ended = try #require(closed(rig.look(after: 1)).first)
        #expect(ended.id == begun.id && ended.endedAtUnix == 1004.1 && ended.score == 0.4)
        #expect(rig.tracker.open.isEmpty)
        _ = rig.look(after: 10)
        #expect(rig.tracker.isIdle)
    }

    @Test func aGateThatFlapsIsOneSighting() throws {
        var rig = Rig()
        var changes: [SightingTracker.Change] = []
        for _ in 0..<50 {
            changes +=
                rig.moves(true, after: 0.2) + rig.look(after: 0) + rig.moves(false, after: 0.5) + rig.look(after: 0.4)
        }
        #expect(changes.map(\.sighting.id) == [1, 1], "one that is told now and then")
        #expect(opened(changes).count == 1 && closed(changes).isEmpty)
        #expect(closed(rig.look(after: 2)).count == 1)
        #expect(opened(rig.moves(true)).map(\.id) == [2], "later it is another one")
    }

    @Test func aPipelineBeginsNoMoreThanOneASecond() {
        var rig = Rig()
        var count = 0
        for number in 0..<2000 {
            count += opened(rig.sees(["thing \(number)": 0.5], after: 0.05)).count
            _ = rig.tracker.end(pipelines: ["p"], rig.now)
        }
        #expect((100...109).contains(count), "\(count) in 100 s")
    }

    @Test func whatComesTogetherIsSeenTogether() {
        var rig = Rig()
        let begun = opened(rig.sees(["person": 0.9, "dog": 0.8]))
        #expect(begun.map(\.label) == ["person", "dog"])
        #expect(begun.first?.box == PictureBox(left: 0, top: 0, right: 0.9, bottom: 1))
    }

    @Test func aThingThatIsMissedForAMomentGoesOn() {
        var rig = Rig()
        _ = rig.sees(["person": 0.9])
        #expect(rig.sees([:], after: 1).isEmpty)
        #expect(closed(rig.look(after: 4)).isEmpty)
        #expect(opened(rig.sees(["person": 0.7], after: 0.5)).isEmpty)
        _ = rig.sees([:], after: 2)
        let ended = closed(rig.look(after: 5))
        #expect(ended.map(\.endedAtUnix) == [1007.5], "when it was missed first")
        #expect(ended.map(\.score) == [0.9])
    }

    @Test func eachThingThatIsFollowedIsASighting() throws {
        var rig = Rig()
        let begun = opened(rig.follows(["1": 0.9, "2": 0.8]))
        #expect(begun.map(\.trackingID) == ["1", "2"] && begun.map(\.label) == ["person", "person"])
        #expect(begun.first?.json["tracking_id"] == "1" && begun.first?.json["kind"] == "object")
        #expect(rig.follows(["1": 0.5], lost: ["2"], after: 10).map(\.sighting.trackingID) == [])
        #expect(closed(rig.look(after: 10)).isEmpty, "the step has not given it up")
        #expect(opened(rig.follows(["1": 0.5, "2": 0.5], after: 1)).isEmpty)
        #expect(closed(rig.follows(["1": 0.5], lost: ["2"], after: 1)).isEmpty)
        let ended = closed(rig.follows(["1": 0.5, "3": 0.7], after: 4))
        #expect(ended.map(\.trackingID) == ["2"] && ended.map(\.endedAtUnix) == [1022], "when it was missed first")
        #expect(rig.tracker.open.map(\.trackingID) == ["3", "1"])
        #expect(closed(rig.look(after: 75)).count == 2, "nothing is heard any more")
    }

    @Test func whatOneStepDoesNotLookForItDoesNotEnd() {
        var rig = Rig()
        _ = rig.moves(true)
        _ = rig.sees(["person": 0.5])
        #expect(closed(rig.sees([:])).isEmpty)
        #expect(rig.tracker.open.map(\.kind).contains(.motion))
    }

    @Test func silenceEndsIt() {
        var rig = Rig()
        _ = rig.moves(true)
        _ = rig.moves(true, after: 7)
        #expect(closed(rig.look(after: 74)).isEmpty)
        #expect(closed(rig.look(after: 1)).map(\.endedAtUnix) == [1007], "when something was said last")
    }

    @Test func theEndOfAWorkerEndsWhatItSaw() {
        var rig = Rig()
        _ = rig.moves(true)
        _ = rig.moves(true, pipeline: "other")
        rig.elapsed += .seconds(3)
        #expect(closed(rig.tracker.end(pipelines: ["p"], rig.now)).map(\.endedAtUnix) == [1003])
        #expect(rig.tracker.open.count == 1)
    }

    @Test func aClockThatIsSetDoesNotConfuseIt() throws {
        var rig = Rig()
        _ = rig.moves(true)
        rig.offset -= 3600
        _ = rig.moves(false, after: 2)
        let back = try #require(closed(rig.look(after: 1)).first)
        #expect(back.endedAtUnix == back.startedAtUnix, "nothing ends before it begins")
        let next = try #require(opened(rig.moves(true)).first)
        #expect(next.id > back.id && next.startedAtUnix < back.startedAtUnix, "the number tells the order")
        rig.offset += 100_000
        #expect(closed(rig.look(after: 1)).isEmpty, "no time has passed")
    }

    @Test func aWorkerThatMakesThingsUpIsBounded() {
        var rig = Rig()
        for number in 0..<1_200 {
            _ = rig.moves(true, pipeline: "p\(number)")
        }
        #expect(rig.tracker.open.count == SightingTracker.openLimit)
        #expect(Set(rig.tracker.open.map(\.id)).count == SightingTracker.openLimit)
    }

    @Test func whatGoesOnIsToldNowAndThen() {
        var rig = Rig()
        _ = rig.moves(true)
        for _ in 0..<2 { _ = rig.moves(true, after: 14.9) }
        #expect(rig.look(after: 0.3).map(\.sighting.seenAtUnix) == [1030.1])
    }

    @Test func aStepThatEndsSeesNothing() {
        var rig = Rig()
        _ = rig.moves(true)
        rig.elapsed += .seconds(3)
        #expect(closed(rig.tracker.end(Self.source, rig.now)).map(\.endedAtUnix) == [1003])
    }

    @Test func aReportIsAllThatAStepSees() throws {
        let boxes = [
            PictureBox(left: 0.25, top: 0.5, right: 0.5, bottom: 0.75),
            PictureBox(left: 0.5, top: 0.25, right: 0.75, bottom: 0.5),
        ]
        func thing(_ label: String, _ score: Double, _ box: PictureBox) -> Detection {
            Detection(label: label, labelID: 0, score: score, box: box, modelID: "m")
        }
        let report = FindingReport(
            pipelineID: "p", nodeID: "gate", cameraID: "c", atUnix: 1,
            findings: PictureFindings(
                motion: MotionFinding(active: true, score: 0.5, boxes: boxes, isHeld: false),
                vision: VisionFinding(
                    task: .detect, modelID: "m", runtime: "onnxruntime",
                    detections: [thing("cat", 0.4, boxes[0]), thing("cat", 0.6, boxes[1]), thing("dog", 0.5, boxes[0])])
            ))
        let observation = try #require(Observation(report))
        #expect(observation.source == Self.source && observation.lookedFor == [.motion, .object])
        #expect(
            observation.seen == [
                .motion: Observation.Appearance(
                    score: 0.5, box: PictureBox(left: 0.25, top: 0.25, right: 0.75, bottom: 0.75)),
                .object(label: "cat"): Observation.Appearance(score: 0.6, box: boxes[1]),
                .object(label: "dog"): Observation.Appearance(score: 0.5, box: boxes[0]),
            ])
        var followed = report
        followed.findings?.vision?.tracks = [TrackedObject.Metadata.State.confirmed, .lost].enumerated().map {
            TrackedObject(
                trackingID: "t\($0)", sourceTrackingID: "\($0)", cameraID: "c",
                detection: thing("cat", 0.4, boxes[0]), trackerID: "byte_track",
                metadata: TrackedObject.Metadata(hits: 2, state: $1), trail: [])
        }
        let one = try #require(Observation(followed))
        #expect(one.seen.keys.compactMap(\.trackingID) == ["t0"] && one.seen.count == 2, "motion, and what is followed")
        #expect(one.awaited == [.track(id: "t1", label: "cat")])
        let track = try #require(followed.findings?.vision?.tracks?.first)
        followed.findings?.vision?.tracks = (0..<TrackedObject.limit).map {
            var track = track
            (track.trackingID, track.metadata.state) = ("trk:c:\($0)", $0.isMultiple(of: 2) ? .confirmed : .lost)
            return track
        }
        let all = try #require(Observation(followed.bounded))
        #expect(all.seen.keys.compactMap(\.trackingID).count + all.awaited.count == TrackedObject.limit)
    }
}

import Foundation
import MediaKit
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct VisionTrackTests {
    private let log = EventLog()
    private let start = MonotonicInstant.now

    private func step(_ config: [String: JSONValue]) -> VisionTrack {
        VisionTrack(
            config: VisionTrackConfig(of: PipelineNode(id: "t", operator: "vision.track", config: config)),
            reporter: FindingReporter(pipelineID: "p", nodeID: "t", events: log.sink))
    }

    /// Shows a step a picture with a thing at `x` in it, or with nothing.
    private func show(
        _ step: inout VisionTrack, _ x: Double?, at seconds: Double, camera: String = "c", moving: Bool? = nil
    ) throws -> [Packet] {
        var passed: [Packet] = []
        var packet = Packet(frame: try TestFrames.frame(capturedAt: start + .seconds(seconds)), cameraID: camera)
        packet.findings.motion = moving.map { MotionFinding(active: $0, score: 0, boxes: [], isHeld: false) }
        packet.findings.vision = VisionFinding(
            task: .detect, modelID: "m", runtime: "onnxruntime",
            detections: x.map {
                [
                    Detection(
                        label: "person", labelID: 0, score: 0.8,
                        box: PictureBox(left: $0, top: 0.2, right: $0 + 0.1, bottom: 0.6), modelID: "m")
                ]
            } ?? [])
        step.process(packet) { passed.append($0) }
        return passed
    }

    private var reports: [FindingReport] {
        log.events.compactMap { if case .finding(let report) = $0 { report } else { nil } }
    }

    @Test func whatIsFollowedKeepsItsIdOverAGap() throws {
        var step = step(["emit_mode": "annotate"])
        var seen: [TrackedObject] = []
        for (index, x) in [0.1, 0.12, 0.14, nil, nil, nil, 0.22].enumerated() {
            let packet = try #require(try show(&step, x, at: 0.2 * Double(index)).first)
            let tracks = try #require(packet.findings.vision?.tracks)
            #expect(tracks.map(\.metadata.state) == (index == 0 ? [] : [x == nil ? .lost : .confirmed]))
            seen += tracks
        }
        let last = try #require(seen.last)
        #expect(seen.map(\.trackingID) == [String](repeating: last.trackingID, count: 6))
        #expect(last.trackingID.hasPrefix("trk:c:") && last.trackingID.hasSuffix("-1"))
        #expect(reports.last?.findings?.vision?.tracks?.map(\.trackingID) == [last.trackingID])
        #expect(last.sourceTrackingID == "1" && last.cameraID == "c" && last.trackerID == "simple_iou_kalman")
        #expect(last.metadata.hits == 4 && last.trail.count == 4)
        step.finish()
        #expect(reports.last?.isOver == true)
    }

    @Test func camerasAreApart() throws {
        var step = step(["emit_mode": "annotate"])
        for index in 0..<3 {
            for camera in ["a", "b"] { _ = try show(&step, 0.5, at: 0.2 * Double(index), camera: camera) }
        }
        let ids = Set(reports.flatMap { $0.findings?.vision?.tracks ?? [] }.map(\.trackingID))
        #expect(ids.count == 2 && ids.contains { $0.hasPrefix("trk:a:") })
    }

    @Test func eventsPassWhileSomethingIsFollowed() throws {
        var step = step(["close_after_seconds": 1, "category_intervals_seconds": ["person": 0.4]])
        var passed: [Int] = []
        for index in 0..<20 {
            if try !show(&step, (2..<8).contains(index) ? 0.5 : nil, at: 0.2 * Double(index)).isEmpty {
                passed.append(index)
            }
            let isThere = (3..<12).contains(index)
            #expect(step.restReason == (isThere ? nil : .nothingDetected), "\(index)")
        }
        #expect(passed == [3, 4, 6, 8, 10], "no more than the interval allows, until it is given up")
    }

    @Test func whatStandsStillIsKnownWhenTheGateOpensAgain() throws {
        var step = step(["close_after_seconds": 1, "max_paused_seconds": 60])
        for index in 0..<3 { _ = try show(&step, 0.5, at: 0.2 * Double(index), moving: true) }
        for second in 1..<60 { #expect(try show(&step, nil, at: Double(second), moving: false).isEmpty) }
        #expect(step.restReason == .nothingMoves)
        #expect(try show(&step, nil, at: 60.5, moving: true).count == 1)
        _ = try show(&step, 0.5, at: 60.7, moving: true)
        let ids = Set(reports.flatMap { $0.findings?.vision?.tracks ?? [] }.map(\.trackingID))
        #expect(ids.count == 1)
        for second in 61..<122 { _ = try show(&step, nil, at: Double(second), moving: false) }
        #expect(reports.last?.findings?.vision?.tracks == [], "for so long nobody knows")
        #expect(step.restReason == .nothingDetected)
        step.rest(.nothingMoves)
    }

    @Test func aPictureOfAPauseShowsWhatIsFollowed() throws {
        var step = step(["emit_mode": "annotate"])
        for index in 0..<3 { _ = try show(&step, 0.5, at: 0.2 * Double(index), moving: true) }
        let packet = try #require(try show(&step, 0.5, at: 0.6, moving: false).first)
        #expect(packet.findings.vision?.tracks?.map(\.sourceTrackingID) == ["1"])
    }

    @Test(arguments: [nil, false, true] as [Bool?]) func whatWasBeforeACameraWasAwayIsAnother(moving: Bool?) throws {
        var step = step(["emit_mode": "annotate", "close_after_seconds": 300, "max_paused_seconds": 0])
        for index in 0..<3 { _ = try show(&step, 0.5, at: 0.2 * Double(index), moving: moving.map { _ in true }) }
        if let moving {
            _ = try show(&step, 0.5, at: 1, moving: false)
            _ = try show(&step, 0.5, at: 70, moving: moving)
            if !moving { #expect(reports.last?.findings?.vision?.tracks == []) }
        }
        for index in 0..<3 {
            _ = try show(&step, 0.5, at: 70.2 + 0.2 * Double(index), moving: moving.map { _ in true })
        }
        let ids = reports.flatMap { $0.findings?.vision?.tracks ?? [] }.map(\.trackingID)
        #expect(Set(ids).count == 2)
    }

    @Test func aLongIntervalDoesNotMakeItALostCamera() throws {
        var step = step(["default_interval_seconds": 10])
        var passed: [Double] = []
        for index in 0..<100 where try !show(&step, 0.5, at: 0.2 * Double(index)).isEmpty {
            passed.append(0.2 * Double(index))
        }
        #expect(passed.count < 25)
        let gaps = zip(passed + [20], [0] + passed).map { $0 - $1 }
        #expect(gaps.allSatisfy { Duration.seconds($0) < WriterArbiter.freshness }, "\(passed)")
    }

    @Test func reportsCarryWhatIsRead() throws {
        var step = step(["emit_mode": "annotate"])
        var last: Packet?
        for index in 0..<3 { last = try show(&step, 0.5 + 0.02 * Double(index), at: 0.2 * Double(index)).first }
        #expect(last?.findings.vision?.tracks?.first?.trail.count == 3 && last?.findings.vision?.detections.count == 1)
        let visions = reports.compactMap { $0.findings?.vision }
        #expect(visions.last?.tracks?.count == 1)
        #expect(visions.allSatisfy { $0.detections.isEmpty && $0.tracks?.allSatisfy(\.trail.isEmpty) == true })
    }

    @Test func whatRestsIsNotTheCameraWhosePicturesCome() throws {
        var step = step(["close_after_seconds": 0.05])
        for camera in ["resting", "awake"] {
            for index in 0..<3 {
                let time = (camera == "awake" ? 1000 : -10) + 0.2 * Double(index)
                _ = try show(&step, 0.5, at: time, camera: camera)
            }
        }
        step.rest(.cannotDetect)
        #expect(reports.filter(\.isOver).map(\.cameraID) == ["resting"])
    }

    @Test func aModelThatCannotLookAfterAPauseIsSaidSo() throws {
        var step = step([:])
        for index in 0..<3 { _ = try show(&step, 0.5, at: 0.2 * Double(index), moving: true) }
        _ = try show(&step, nil, at: 1, moving: false)
        #expect(step.restReason == .nothingMoves)
        var packet = Packet(frame: try TestFrames.frame(capturedAt: start + .seconds(1.2)), cameraID: "c")
        packet.findings.motion = MotionFinding(active: true, score: 1, boxes: [], isHeld: false)
        packet.isUnseen = true
        step.process(packet) { _ in Issue.record("nothing is known of it") }
        #expect(step.restReason == .cannotDetect)
    }

    @Test func aRestThatIsNoPauseIsAPictureWithNothing() throws {
        var step = step(["close_after_seconds": 0.05, "pause_when_gate_closed": false])
        for index in 0..<3 { _ = try show(&step, 0.5, at: -1 + 0.2 * Double(index)) }
        step.rest(.nothingMoves)
        #expect(reports.last?.findings?.vision?.tracks == [])
        for index in 0..<3 { _ = try show(&step, 0.5, at: 1 + 0.2 * Double(index)) }
        step.rest(.cannotDetect)
        #expect(reports.last?.isOver == true)
    }

    @Test func whatCannotBeSeenIsSaidSo() throws {
        var step = step([:])
        for index in 0..<3 { _ = try show(&step, 0.5, at: 0.2 * Double(index)) }
        #expect(step.restReason == nil)
        var packet = Packet(frame: try TestFrames.frame(capturedAt: start + .seconds(1)), cameraID: "c")
        packet.isUnseen = true
        step.process(packet) { _ in Issue.record("nothing is known of it") }
        #expect(step.restReason == .cannotDetect && reports.last?.isOver == true)
    }

    @Test func aPictureCarriesWhatFitsIntoIt() throws {
        let thing = Detection(
            label: "person", labelID: 0, score: 0.5, box: PictureBox(left: 0, top: 0, right: 1, bottom: 1), modelID: "m"
        )
        let track = TrackedObject(
            trackingID: "trk:c:1-1", sourceTrackingID: "1", cameraID: "c", detection: thing, trackerID: "byte_track",
            metadata: TrackedObject.Metadata(hits: 1, state: .confirmed),
            trail: [PicturePoint](repeating: PicturePoint(x: 0.1234, y: 0.5678), count: 32))
        for count in [1, 20, 30, 500] {
            let findings = PictureFindings(
                vision: VisionFinding(
                    task: .detect, modelID: "m", runtime: "onnxruntime",
                    detections: [Detection](repeating: thing, count: count),
                    tracks: [TrackedObject](repeating: track, count: count)))
            let metadata = try #require(PictureMetadata(findings))
            let read = try JSONDecoder().decode(PictureFindings.self, from: Data(metadata.json))
            let tracks = try #require(read.vision?.tracks)
            #expect(tracks.count == min(count, tracks.count) && tracks.count >= min(count, 20))
            #expect(tracks.first?.trail.count == (count == 1 ? 32 : count == 20 ? 16 : 0) || count == 30)
        }
    }
}

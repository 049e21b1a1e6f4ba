import MediaKit
import StreamModel
import Synchronization
import Testing
import VisionKit

@testable import PipelineKit

@Suite struct VisionDetectTests {
    /// Finds what it is told to.
    private final class FakeDetector: PictureDetector {
        let things = Mutex<[DetectedObject]>([])
        let looks = Mutex(0)
        let filters = Mutex<[DetectionFilter]>([])

        func detect(_ frame: VideoFrame, filter: DetectionFilter) throws(VisionError) -> [DetectedObject] {
            looks.withLock { $0 += 1 }
            filters.withLock { $0.append(filter) }
            return things.withLock { $0 }
        }
    }

    private static let person = DetectedObject(
        label: "person", classIndex: 0, score: 0.8, box: PictureBox(left: 0.1, top: 0.2, right: 0.3, bottom: 0.4))

    private let detector = FakeDetector()
    private let log = EventLog()

    private func desk(_ assets: VisionAssets = VisionAssets(runtime: "/r", models: ["yolox_nano": "/m"])) -> VisionDesk
    {
        let detector = detector
        let desk = VisionDesk { (_, _) throws(VisionError) in detector }
        desk.use(assets)
        return desk
    }

    private func step(_ config: [String: JSONValue], _ desk: VisionDesk) -> VisionDetect {
        VisionDetect(
            config: VisionDetectConfig(of: PipelineNode(id: "d", operator: "vision.detect", config: config)),
            desk: desk,
            reporter: FindingReporter(pipelineID: "p", nodeID: "d", events: log.sink))
    }

    private func show(_ step: inout VisionDetect, at seconds: Double = 0) throws -> [Packet] {
        var passed: [Packet] = []
        let start = MonotonicInstant.now
        let frame = try TestFrames.frame(capturedAt: start + .seconds(seconds))
        step.process(Packet(frame: frame, cameraID: "c")) { passed.append($0) }
        return passed
    }

    private var reports: [FindingReport] {
        log.events.compactMap { if case .finding(let report) = $0 { report } else { nil } }
    }

    @Test func eventsPassWhileSomethingIsThere() throws {
        var step = step(["emit_mode": "events", "categories": ["Person"], "confidence_threshold": 0.3], desk())
        #expect(try show(&step).isEmpty)
        #expect(step.restReason == .nothingDetected)
        detector.things.withLock { $0 = [Self.person] }
        let passed = try #require(try show(&step).first)
        let vision = try #require(passed.findings.vision)
        #expect(vision.modelID == "yolox_nano" && vision.runtime == "onnxruntime")
        #expect(vision.detections.map(\.label) == ["person"] && vision.detections[0].box == Self.person.box)
        #expect(step.restReason == nil)
        #expect(detector.filters.withLock { $0 }.last?.labels == ["person"])
        step.rest(.nothingMoves)
        #expect(step.restReason == .nothingDetected, "what was there before the rest may have gone")
        step.finish()
        #expect(reports.map { $0.findings?.vision?.detections.count } == [0, 1, nil])
    }

    @Test func annotatedPicturesAllPass() throws {
        var step = step([:], desk())
        #expect(try show(&step).first?.findings.vision?.detections.isEmpty == true)
        #expect(step.restReason == nil)
    }

    @Test func betweenTwoLooksNothingIsSaid() throws {
        var step = step(["inference_interval_seconds": 1, "emit_mode": "events"], desk())
        detector.things.withLock { $0 = [Self.person] }
        let start = MonotonicInstant.now
        var seen: [Bool] = []
        for tenth in 0..<15 {
            let frame = try TestFrames.frame(capturedAt: start + .milliseconds(100 * tenth))
            step.process(Packet(frame: frame, cameraID: "c")) { seen.append($0.findings.vision != nil) }
        }
        #expect(seen.enumerated().filter(\.element).map(\.offset) == [0, 10])
        #expect(seen.count == 15 && detector.looks.withLock { $0 } == 2)
    }

    @Test func whatIsMissingIsSaidAndNothingPretends() throws {
        let desk = desk(VisionAssets())
        var events = step(["emit_mode": "events"], desk)
        #expect(try show(&events).isEmpty)
        #expect(events.restReason == .cannotDetect)
        var annotate = step(["model_id": "mine"], desk)
        #expect(try show(&annotate).first?.findings.isEmpty == true)
        desk.use(VisionAssets(runtime: "/r"))
        _ = try show(&events)
        _ = try show(&events)
        _ = try show(&annotate)
        #expect(
            reports.map { $0.problem?.code } == [
                "vision_runtime_missing", "vision_runtime_missing", "vision_without_model", "vision_model_missing",
            ])
        #expect(detector.looks.withLock { $0 } == 0)
        // It works as soon as it is there.
        desk.use(VisionAssets(runtime: "/r", models: ["mine": "/m"]))
        #expect(try show(&annotate).first?.findings.vision?.modelID == "mine")
        #expect(reports.last?.problem == nil && reports.last?.isOver == false)
        events.finish()
        #expect(reports.last?.isOver == true)
    }

    @Test func aModelIsLoadedOnceForAllWhoWantIt() throws {
        let loads = Mutex<[String]>([])
        let fails = Mutex(false)
        let desk = VisionDesk { (_, model) throws(VisionError) in
            loads.withLock { $0.append(model) }
            if fails.withLock({ $0 }) { throw VisionError(CodedMessage("x", "x")) }
            return FakeDetector()
        }
        desk.use(VisionAssets(runtime: "/r", models: ["yolox_s": "/s", "yolox_tiny": "/t", "a": "/a"]))
        var first: (any PictureDetector)? = try desk.detector("").detector
        #expect(try desk.detector("rfdetr_det_medium").detector === first)
        #expect(try desk.detector("yolox_tiny").detector === first)
        #expect(try desk.detector("a").id == "a")
        #expect(loads.withLock { $0 } == ["/t", "/a"])
        first = nil
        let now = MonotonicInstant.now
        fails.withLock { $0 = true }
        for seconds in [0, 1, 29, 30] {
            #expect(throws: VisionError.self) { try desk.detector("yolox_tiny", now: now + .seconds(seconds)) }
        }
        #expect(loads.withLock { $0 } == ["/t", "/a", "/t", "/t"], "a broken one is tried again after a while")
        #expect(throws: VisionError.self) { try desk.detector("b") }
    }
}

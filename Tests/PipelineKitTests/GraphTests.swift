import Foundation
import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Synchronization
import Testing

@testable import PipelineKit

@Suite(.timeLimit(.minutes(1)))
struct GraphTests {
    /// Remembers what it gets.
    private struct Collector: Operator {
        let frames: AsyncStream<VideoFrame>.Continuation
        mutating func process(_ packet: Packet, emit: (Packet) -> Void) { frames.yield(packet.frame) }
        mutating func finish() { frames.finish() }
    }

    /// Takes one frame, and then waits until it may go on.
    private struct SlowStep: Operator {
        static var needsOwnThread: Bool { true }
        let began: AsyncStream<Void>.Continuation
        let gate: InterruptFlag
        mutating func process(_ packet: Packet, emit: (Packet) -> Void) {
            began.yield()
            gate.wait(until: .now + .seconds(30))
            emit(packet)
        }
    }

    private struct Listener: Operator {
        let sounds: AsyncStream<ArraySlice<UInt8>>.Continuation
        mutating func process(_ packet: Packet, emit: (Packet) -> Void) {}
        mutating func hear(_ signal: SoundSignal) {
            if case .frame(let sound) = signal { sounds.yield(sound.bytes) }
        }
        mutating func finish() { sounds.finish() }
    }

    /// Lets no frame pass.
    private struct Blind: Operator {
        mutating func process(_ packet: Packet, emit: (Packet) -> Void) {}
    }

    @Test func soundGoesByTheSteps() async throws {
        let (sounds, heard) = AsyncStream.makeStream(of: ArraySlice<UInt8>.self)
        let sink = GraphNode(Listener(sounds: heard), name: "sink", queueCapacity: 1, targets: [])
        let step = GraphNode(Blind(), name: "step", queueCapacity: 1, targets: [sink])
        for number in UInt8(0)..<3 { step.hear(.frame(Sounds.frame([number], at: .now))) }
        sink.finish()
        step.hear(.frame(Sounds.frame([3], at: .now)))
        var bytes: [ArraySlice<UInt8>] = []
        for await sound in sounds { bytes.append(sound) }
        #expect(bytes == [[0], [1], [2]])
    }

    @Test func aSlowStepHoldsUpNobodyAndGetsTheNewestFrames() async throws {
        let (frames, collected) = AsyncStream.makeStream(of: VideoFrame.self)
        let (began, beginning) = AsyncStream.makeStream(of: Void.self)
        let gate = InterruptFlag()
        let sink = GraphNode(Collector(frames: collected), name: "sink", queueCapacity: 1, targets: [])
        let slow = GraphNode(
            SlowStep(began: beginning, gate: gate), name: "slow", queueCapacity: 2, targets: [sink])
        let start = ContinuousClock.now
        let sent = try (0..<10).map { try TestFrames.frame(capturedAt: start + .seconds($0)) }
        slow.receive(Packet(frame: sent[0], cameraID: "c"))
        var beginnings = began.makeAsyncIterator()
        await beginnings.next()
        for frame in sent[1...] { slow.receive(Packet(frame: frame, cameraID: "c")) }
        gate.interrupt()
        var times: [Duration] = []
        for await frame in frames.prefix(3) { times.append(start.duration(to: frame.captureTime)) }
        #expect(times == [.zero, .seconds(8), .seconds(9)])
        slow.finish()
        sink.finish()
    }

    /// A step that looks into a picture for long keeps nobody waiting: neither the camera, whose sound goes by it, nor who ends it.
    @Test func aBusyStepHoldsUpNeitherSoundNorItsEnd() async throws {
        let (sounds, heard) = AsyncStream.makeStream(of: ArraySlice<UInt8>.self)
        let (began, beginning) = AsyncStream.makeStream(of: Void.self)
        let gate = InterruptFlag()
        let sink = GraphNode(Listener(sounds: heard), name: "sink", queueCapacity: 1, targets: [])
        let slow = GraphNode(SlowStep(began: beginning, gate: gate), name: "slow", queueCapacity: 2, targets: [sink])
        slow.receive(Packet(frame: try TestFrames.frame(), cameraID: "c"))
        var beginnings = began.makeAsyncIterator()
        await beginnings.next()
        let start = ContinuousClock.now
        slow.hear(.frame(Sounds.frame([7], at: .now)))
        slow.rest(.nothingMoves)
        slow.finish()
        #expect(ContinuousClock.now - start < .seconds(20), "it is busy for 30")
        var told = sounds.makeAsyncIterator()
        #expect(await told.next() == [7])
        gate.interrupt()
        sink.finish()
    }

    @Test func aFinishedStepTakesNothing() async throws {
        let (frames, collected) = AsyncStream.makeStream(of: VideoFrame.self)
        let node = GraphNode(Collector(frames: collected), name: "sink", queueCapacity: 1, targets: [])
        node.receive(Packet(frame: try TestFrames.frame(), cameraID: "c"))
        node.finish()
        node.receive(Packet(frame: try TestFrames.frame(), cameraID: "c"))
        var count = 0
        for await _ in frames { count += 1 }
        #expect(count == 1)
    }

    private func transmission() throws -> TransmissionState {
        TransmissionState(
            try Transmission(json: ["id": "t", "name": "T", "path": "t"]), events: { _ in },
            logger: Logger(label: "test"))
    }

    private func pipeline(_ nodes: JSONValue, _ edges: JSONValue) throws -> Pipeline {
        try Pipeline(json: ["id": "p", "name": "front", "nodes": nodes, "edges": edges])
    }

    private static func edge(_ from: String, _ to: String) -> JSONValue {
        ["from": ["node": .string(from), "port": "out"], "to": ["node": .string(to), "port": "in"], "maxsize": 2]
    }

    @Test func aPipelineRunsAsItsGraphSays() throws {
        let transmission = try transmission()
        // Two cameras into one reducer, which feeds the sink.
        let runner = PipelineRunner(
            try pipeline(
                [
                    ["id": "a", "operator": "camera.source", "config": ["camera_id": "cam-a"]],
                    ["id": "b", "operator": "camera.source", "config": ["camera_id": "cam-b"]],
                    ["id": "stream", "operator": "stream.publish_video", "config": ["transmission_id": "t"]],
                    ["id": "fps", "operator": "core.fps_reducer", "config": ["target_fps": 5]],
                ],
                [Self.edge("a", "fps"), Self.edge("b", "fps"), Self.edge("fps", "stream")]),
            transmissions: ["t": transmission], events: { _ in })
        #expect(runner.sources.map(\.cameraID).sorted() == ["cam-a", "cam-b"])
        let queue = BoundedQueue<VideoFrame>(capacity: 100)
        transmission.attach("r", queue: queue)
        let start = ContinuousClock.now
        for index in 0..<50 {
            let frame = try TestFrames.frame(capturedAt: start + .seconds(Double(index) / 25))
            for target in runner.sources[index % 2].targets { target.receive(Packet(frame: frame, cameraID: "c")) }
        }
        #expect(abs(queue.count - 10) <= 1)
        #expect(transmission.hasSignal())
        runner.stop()
        #expect(!transmission.hasSignal(), "its writer was closed")
    }

    @Test func aMotionGatePassesWhatMoves() throws {
        let transmission = try transmission()
        let log = EventLog()
        let runner = PipelineRunner(
            try pipeline(
                [
                    ["id": "a", "operator": "camera.source", "config": ["camera_id": "c"]],
                    ["id": "motion", "operator": "camera.motion_gate", "config": ["hold_seconds": 1]],
                    ["id": "fps", "operator": "core.fps_reducer", "config": ["target_fps": 60]],
                    ["id": "stream", "operator": "stream.publish_video", "config": ["transmission_id": "t"]],
                ],
                [Self.edge("a", "motion"), Self.edge("motion", "fps"), Self.edge("fps", "stream")]),
            transmissions: ["t": transmission], events: log.sink)
        let queue = BoundedQueue<VideoFrame>(capacity: 100)
        transmission.attach("r", queue: queue)
        let start = ContinuousClock.now
        let demo = try DemoSource(width: 640, height: 360)
        func show(_ times: Range<Int>, _ number: (Int) -> Int) throws {
            for index in times {
                let time = start + .milliseconds(200 * index)
                let frame = try demo.frame(number: number(index), clock: "noon", captureTime: time)
                runner.sources[0].targets[0].receive(Packet(frame: frame, cameraID: "c"))
            }
        }
        try show(0..<10) { _ in 0 }
        #expect(queue.count == 0)
        #expect(transmission.presentation().rest == .nothingMoves)
        // Its bars move by some pixels each time.
        try show(10..<20) { index in 5 + index % 3 * 5 }
        #expect(queue.count == 10)
        #expect(transmission.presentation().rest == nil)
        try show(20..<40) { _ in 0 }
        #expect(queue.count == 15, "five more within the hold")
        #expect(!transmission.hasSignal(at: .now + WriterArbiter.freshnessAtRest))
        #expect(transmission.presentation(at: .now + WriterArbiter.freshnessAtRest).rest == .nothingMoves)
        runner.stop()
        #expect(transmission.presentation().rest == nil, "its writer was closed")

        let reports = log.events.compactMap { if case .finding(let report) = $0 { report } else { nil } }
        let told = reports.map { $0.findings?.motion?.active }
        #expect(
            told.enumerated().filter { $0.offset == 0 || told[$0.offset - 1] != $0.element }.map(\.element) == [
                false, true, false, nil,
            ])
        #expect(reports.allSatisfy { $0.pipelineID == "p" && $0.nodeID == "motion" && $0.cameraID == "c" })
        let seen = transmission.metadata(after: start + .milliseconds(3700), upTo: start + .milliseconds(3800))
        let finding = try #require(
            seen.flatMap { try? JSONDecoder().decode(PictureFindings.self, from: Data($0.json)) })
        #expect(finding.motion?.active == true && finding.motion?.isHeld == false)
        #expect(finding.motion?.boxes.allSatisfy { 0 < $0.area && $0.area < 0.5 } == true)
        #expect(finding.motion?.boxes.isEmpty == false)
    }

    @Test func aMotionGateMayPassAll() throws {
        var gate = MotionGate(
            config: MotionGateConfig(
                of: PipelineNode(id: "m", operator: MotionGateConfig.operatorName, config: ["emit_when_idle": true])),
            reporter: FindingReporter(pipelineID: "p", nodeID: "m", events: { _ in }))
        var passed = 0
        for _ in 0..<3 { gate.process(Packet(frame: try TestFrames.frame(), cameraID: "c")) { _ in passed += 1 } }
        #expect(passed == 3 && gate.restReason == nil)
    }

    @Test func aSinkWithoutItsTransmissionIsLeftOut() throws {
        let runner = PipelineRunner(
            try pipeline(
                [
                    ["id": "a", "operator": "camera.source", "config": ["camera_id": "c"]],
                    ["id": "s", "operator": "stream.publish_video", "config": ["transmission_id": "gone"]],
                ], [Self.edge("a", "s")]), transmissions: [:], events: { _ in })
        #expect(runner.sources.first?.targets.isEmpty == true)
    }
}

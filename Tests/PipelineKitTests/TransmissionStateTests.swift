import Foundation
import Logging
import MediaKit
import StreamModel
import Testing

@testable import PipelineKit

@Suite struct TransmissionStateTests {
    private let start = ContinuousClock.now
    private let log = EventLog()
    private let state: TransmissionState
    private let queue = BoundedQueue<VideoFrame>(capacity: 8)

    init() throws {
        state = TransmissionState(
            try Transmission(json: ["id": "t", "name": "Door", "path": "t", "arbitration": "priority_latest"]),
            events: log.sink, logger: Logger(label: "test"))
    }

    private func write(_ writer: String, priority: Int = 0, at milliseconds: Int) throws -> VideoFrame {
        let now = start + .milliseconds(milliseconds)
        let frame = try TestFrames.frame(capturedAt: now)
        state.write(frame, by: writer, priority: priority, now: now)
        return frame
    }

    private var activeWriters: [String?] {
        log.events.compactMap { if case .activeWriter(_, let writer) = $0 { .some(writer) } else { nil } }
    }

    @Test func onlyTheChosenWritersFramesReachARendition() throws {
        state.attach("r", queue: queue, now: start)
        let first = try write("a", at: 0)
        _ = try write("b", at: 10)
        let second = try write("a", at: 20)
        #expect(queue.pop() === first)
        #expect(queue.pop() === second)
        #expect(queue.pop() == nil)
        #expect(activeWriters == ["a"])
    }

    @Test func aNewlyChosenWritersLatestFrameIsShownAtOnce() throws {
        state.attach("r", queue: queue, now: start)
        _ = try write("a", priority: 1, at: 0)
        let waiting = try write("b", at: 10)
        _ = queue.pop()
        state.close("a", now: start + .milliseconds(20))
        #expect(queue.pop() === waiting)
        #expect(activeWriters == ["a", "b"])
    }

    @Test func aRenditionThatJoinsGetsTheCurrentFrame() throws {
        let frame = try write("a", at: 0)
        state.attach("r", queue: queue, now: start + .milliseconds(500))
        #expect(queue.pop() === frame)
        let late = BoundedQueue<VideoFrame>(capacity: 1)
        state.attach("late", queue: late, now: start + .milliseconds(2500))
        #expect(late.pop() == nil, "that frame is stale")
    }

    @Test func aLostSignalIsNoticedAndDated() throws {
        #expect(state.presentation().signalLost == nil)
        _ = try write("a", at: 0)
        #expect(state.hasSignal(at: start + .milliseconds(1999)))
        #expect(state.presentation().signalLost == nil)
        #expect(!state.hasSignal(at: start + .milliseconds(2000)))
        #expect(state.presentation().signalLost != nil)
        #expect(activeWriters == ["a", nil])
    }

    @Test func aWriterAtRestGivesWayAndIsNoLostCamera() throws {
        _ = try write("gate", priority: 1, at: 0)
        state.rest("gate", because: .nothingMoves, priority: 1, now: start + .milliseconds(400))
        #expect(state.hasSignal(at: start + .milliseconds(400)), "another gate before it may pass frames")
        state.rest("gate", because: .nothingMoves, priority: 1, now: start + .milliseconds(600))
        #expect(!state.hasSignal(at: start + .milliseconds(600)))
        #expect(state.presentation(at: start + .milliseconds(600)).rest == .nothingMoves)
        _ = try write("other", at: 700)
        #expect(activeWriters == ["gate", nil, "other"])
        #expect(state.presentation(at: start + .milliseconds(700)).rest == nil)
        state.close("other", now: start + .milliseconds(800))
        #expect(state.presentation(at: start + .milliseconds(2599)).rest == .nothingMoves)
        let lost = state.presentation(at: start + .milliseconds(2600))
        #expect(lost.rest == nil && lost.signalLost != nil, "its camera sends nothing any more")
        let moving = try write("gate", priority: 1, at: 3000)
        state.attach("r", queue: queue, now: start + .milliseconds(4900))
        #expect(queue.pop() === moving)
    }

    @Test func aWriterAtRestThatWasForgottenIsKnownAgain() throws {
        state.open("gate", priority: 1, now: start)
        _ = try write("other", at: 31_000)
        state.close("other", now: start + .milliseconds(31_100))
        state.rest("gate", because: .nothingMoves, priority: 1, now: start + .milliseconds(31_200))
        #expect(state.presentation(at: start + .milliseconds(31_200)).rest == .nothingMoves)
    }

    @Test func aDetachedRenditionGetsNothing() throws {
        state.attach("r", queue: queue, now: start)
        let other = BoundedQueue<VideoFrame>(capacity: 1)
        state.detach("r", queue: other)
        _ = try write("a", at: 0)
        #expect(queue.count == 1, "another queue was detached under that id")
        state.detach("r", queue: queue)
        _ = try write("a", at: 40)
        #expect(queue.count == 1)
    }

    @Test func changedSettingsDoNotInterrupt() throws {
        _ = try write("a", at: 0)
        state.update(try Transmission(json: ["id": "t", "name": "Gate", "path": "t", "placeholder": "black"]))
        #expect(state.presentation() == .init(name: "Gate", placeholder: .black, signalLost: nil))
        #expect(state.hasSignal(at: start + .seconds(1)))
    }

    @Test func thePlaceholderSaysSinceWhen() throws {
        var picture = PlaceholderPicture(width: 64, height: 64, now: start)
        let fresh = TransmissionState.Presentation(name: "Door", placeholder: .gray, signalLost: nil)
        #expect(picture.content(fresh, at: start).lines == ["Door", "connecting"])
        let unfed = TransmissionState.Presentation(
            name: "Door", placeholder: .gray, signalLost: nil, hasPipeline: false)
        #expect(picture.content(unfed, at: start).lines == ["Door", "no pipeline yet"])
        let still = TransmissionState.Presentation(
            name: "Door", placeholder: .gray, signalLost: Date(), rest: .nothingMoves)
        #expect(picture.content(still, at: start).lines == ["Door", "nothing moves"])
        var unseen = still
        unseen.rest = .nothingDetected
        #expect(picture.content(unseen, at: start).lines == ["Door", "nothing detected"])
        let later = picture.content(fresh, at: start + .seconds(5)).lines
        #expect(later.first == "Door")
        #expect(later.last?.wholeMatch(of: /no signal since \d\d:\d\d:\d\d/) != nil)
        let first = try picture.frame(fresh, at: start)
        let second = try picture.frame(fresh, at: start + .seconds(1))
        #expect(first.width == 64)
        #expect(second.captureTime == start + .seconds(1))
    }

    @Test func thePlaceholderHasNoTextWhenTheOutputWantsNone() throws {
        var picture = PlaceholderPicture(width: 640, height: 360, showsText: false, now: start)
        let presentation = TransmissionState.Presentation(name: "Door", placeholder: .black, signalLost: Date())
        #expect(picture.content(presentation, at: start) == .init(style: .black, lines: []))
        let frame = try picture.frame(presentation, at: start)
        frame.withLuma { luma, stride in
            let isBlack = (0..<360).allSatisfy { row in
                (0..<640).allSatisfy { luma.unsafeLoad(fromByteOffset: row * stride + $0, as: UInt8.self) == 16 }
            }
            #expect(isBlack)
        }
    }
}

import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

/// The time line and the signals of a rendition that copies.
@Suite struct CopyTimelineTests {
    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test func timestampsGoOnOverLossAndReturn() {
        var pacer = RenditionPacer(framesPerSecond: 25, at: start, firstDeadline: .milliseconds(300))
        #expect(pacer.deadlinePassed(now: at(299), hasSignal: false) == .wait)
        var stamps: [Int64] = []
        for index in 0..<50 { stamps.append(pacer.copied(capturedAt: at(100 + index * 40), now: at(130 + index * 40))) }
        // 40 ms on a 90 kHz clock are 3600 ticks (RFC 6184 §8.2.1).
        #expect(zip(stamps, stamps.dropFirst()).allSatisfy { $1 - $0 == 3600 })
        #expect(pacer.deadline == at(130 + 49 * 40 + 2000))
        // The camera is gone: the placeholder follows at the speed of the clock.
        guard case .placeholder(let lost) = pacer.deadlinePassed(now: at(4090), hasSignal: false) else {
            Issue.record("no placeholder")
            return
        }
        #expect(lost - stamps[49] == 2000 * 90)
        guard case .placeholder(let later) = pacer.deadlinePassed(now: at(4130), hasSignal: false) else {
            Issue.record("no placeholder")
            return
        }
        #expect(later - lost == 3600)
        // It is back, with a picture that was captured before the placeholder was shown.
        let back = pacer.copied(capturedAt: at(4050), now: at(4140))
        #expect(back > later)
        let next = pacer.copied(capturedAt: at(4200), now: at(4230))
        #expect(next > back)
        // It becomes one that is encoded: frames go on where pictures were copied.
        guard case .encode(let encoded, _) = pacer.frameArrived(capturedAt: at(4240), now: at(4270)) else {
            Issue.record("not encoded")
            return
        }
        #expect(encoded - next == 3600)
    }

    @Test func thePlaceholderIsHurriedOnlyAtTheStart() {
        var pacer = RenditionPacer(framesPerSecond: 25, at: start, firstDeadline: .milliseconds(300))
        pacer.hurry(now: at(20))
        #expect(pacer.deadline == at(20))
        _ = pacer.copied(capturedAt: at(30), now: at(40))
        pacer.hurry(now: at(50))
        #expect(pacer.deadline == at(2040))
    }

    @Test func aStillOfACopiedCameraDecodesOnlyWhileItIsTaken() throws {
        let state = TransmissionState(
            try Transmission(json: ["id": "t", "name": "T", "path": "t"]), events: { _ in },
            logger: Logger(label: "test"))
        let route = CopyRoute(
            cameraID: "c", pipelineID: "p", writerID: "p:s", priority: 0, reducerFPS: nil, isForced: false)
        state.copyPath = .direct(route)
        let feed = RenditionFeed(frameCapacity: 4)
        state.attach("r", queue: feed.frames, signals: feed.signals, now: start)
        #expect(state.setCopying(true, "r", now: start))
        // One that was on its way when copying began, and grows old.
        state.write(try TestFrames.frame(), by: "p:s", priority: 0, now: start)
        let still = BoundedQueue<VideoFrame>(capacity: 1)
        state.attach("still", queue: still, now: start)
        #expect(state.wantsFrames && still.count == 0)
        state.write(try TestFrames.frame(), by: "p:s", priority: 0, now: start)
        #expect(still.count == 1 && feed.frames.count == 0)
        state.detach("still", queue: still)
        #expect(!state.wantsFrames)
        // What was decoded for it is not what the next one shows.
        let next = BoundedQueue<VideoFrame>(capacity: 1)
        state.attach("next", queue: next, now: start + .milliseconds(100))
        #expect(next.count == 0)
    }

    @Test func aTransmissionThatIsCopiedNeedsNoFrames() throws {
        let log = EventLog()
        let state = TransmissionState(
            try Transmission(json: ["id": "t", "name": "T", "path": "t"]), events: log.sink,
            logger: Logger(label: "test"))
        #expect(state.wantsFrames, "nobody has said yet where the pictures come from")
        let route = CopyRoute(
            cameraID: "c", pipelineID: "p", writerID: "p:s", priority: 0, reducerFPS: nil, isForced: false)
        state.copyPath = .direct(route)
        #expect(!state.wantsFrames, "nobody watches")
        let feed = RenditionFeed(frameCapacity: 4)
        state.attach("r", queue: feed.frames, signals: feed.signals, now: start)
        #expect(state.wantsFrames)
        let packet = CameraPacket(
            nalUnits: [], isRandomAccess: true, captureTime: start, facts: CameraFacts(codec: "h264"))
        state.offer(packet, now: start)
        #expect(!state.hasSignal(at: start), "nobody shows it")
        #expect(state.setCopying(true, "r", now: start))
        #expect(!state.wantsFrames)
        #expect(state.hasSignal(at: start + .milliseconds(1999)))
        state.write(try TestFrames.frame(), by: "p:s", priority: 0, now: start)
        #expect(feed.frames.count == 0, "frames that were on their way are of no use")
        state.offer(packet, now: start + .seconds(1))
        #expect(state.hasSignal(at: start + .milliseconds(2999)))
        #expect(!state.hasSignal(at: start + .seconds(3)))
        // Another pipeline writes too: back to decoding.
        state.copyPath = .none(.freeText("more than one"))
        #expect(state.wantsFrames)
        #expect(!state.setCopying(true, "r", now: start))
        state.write(try TestFrames.frame(), by: "p:s", priority: 0, now: start + .seconds(4))
        #expect(feed.frames.count == 1)
    }
}

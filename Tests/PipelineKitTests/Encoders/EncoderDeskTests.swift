import Foundation
import Logging
import MediaKit
import NIOPosix
import StreamModel
import Synchronization
import Testing

@testable import PipelineKit

/// Hardware that is not there: what a driver answers, and a clock that a test moves.
final class MadeUpHardware: Sendable {
    let clock = Mutex(MonotonicInstant.now)
    let probes = Mutex(0)
    private let answers = DispatchSemaphore(value: 0)
    /// What the next probe ends with; nil for success.
    let failure = Mutex<MediaError?>(nil)
    /// Pictures that an encoder takes before it fails; nil for all.
    let endurance = Mutex<Int?>(nil)

    static let broken = MediaError(
        kind: .other, operation: "encode", subject: "h264_vaapi", reason: "Input/output error")

    var environment: EncoderDesk.Environment {
        EncoderDesk.Environment(
            now: { self.clock.withLock { $0 } },
            probe: { (_) throws(MediaError) in
                self.answers.wait()
                self.probes.withLock { $0 += 1 }
                if let failure = self.failure.withLock({ $0 }) { throw failure }
            },
            open: { (settings, backend) throws(MediaError) -> any PictureEncoder in
                let real = try Encoder(settings: settings)
                return backend == .cpu ? real : MadeUpEncoder(real, self.endurance.withLock { $0 })
            })
    }

    /// Lets probes answer.
    func answer(count: Int = 1) { for _ in 0..<count { answers.signal() } }

    func advance(_ duration: Duration) { clock.withLock { $0 += duration } }
}

/// Encodes on the CPU, and fails after a while.
private final class MadeUpEncoder: PictureEncoder {
    private let real: Encoder
    private var remaining: Int?

    init(_ real: Encoder, _ endurance: Int?) {
        self.real = real
        remaining = endurance
    }

    func encode(
        _ frame: VideoFrame, presentationTime: MediaTime, forceKeyframe: Bool
    ) throws(MediaError) -> [EncodedPacket] {
        if let left = remaining {
            guard left > 0 else { throw MadeUpHardware.broken }
            remaining = left - 1
        }
        return try real.encode(frame, presentationTime: presentationTime, forceKeyframe: forceKeyframe)
    }

    func reconfigure(_ settings: EncoderSettings) -> Bool { false }

    func finish() throws(MediaError) -> [EncodedPacket] { try real.finish() }
}

@Suite(.timeLimit(.minutes(1))) struct EncoderDeskTests {
    private let hardware = MadeUpHardware()
    private let desk: EncoderDesk

    init() { desk = EncoderDesk(environment: hardware.environment, logger: Logger(label: "test")) }

    /// Waits until the probe that runs has been noted.
    private func settled(_ choice: EncoderChoice = .vaapi) async throws -> EncoderSelection {
        while true {
            let selection = desk.selection(choice)
            guard selection.note?.text.contains("is tried") == true else { return selection }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test func aTrialDoesNotHoldUpAnything() async throws {
        #expect(desk.selection(.vaapi).backend == .cpu)
        #expect(desk.selection(.vaapi).note?.text == "on the CPU while VAAPI is tried")
        hardware.answer()
        #expect(try await settled().backend == .vaapi)
        #expect(desk.selection(.vaapi).note == nil)
        // It was tried once for the whole process.
        #expect(hardware.probes.withLock { $0 } == 1)
    }

    @Test func theReasonOfAFailedTrialIsShown() async throws {
        hardware.failure.withLock { $0 = MadeUpHardware.broken }
        hardware.answer()
        #expect(try await settled().note?.text == "on the CPU: VAAPI is not usable here: Input/output error")
    }

    @Test func aDriverThatHangsIsGivenUp() async throws {
        #expect(desk.selection(.vaapi).note?.text == "on the CPU while VAAPI is tried")
        hardware.advance(EncoderDesk.probeLimit - .milliseconds(1))
        #expect(desk.selection(.vaapi).note?.text == "on the CPU while VAAPI is tried")
        hardware.advance(.milliseconds(1))
        let note = "on the CPU: VAAPI is not usable here: it did not encode a picture within 5 s"
        #expect(desk.selection(.vaapi).note?.text == note)
        // An answer that comes too late changes nothing.
        hardware.answer()
        while hardware.probes.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(desk.selection(.vaapi).note?.text == note)
    }

    @Test func aFlakyEncoderIsLeftAloneAfterItsSecondFailure() async throws {
        hardware.answer(count: 3)
        #expect(try await settled().backend == .vaapi)
        desk.failed(.vaapi, MadeUpHardware.broken)
        // Another rendition that the same failure has struck.
        desk.failed(.vaapi, MadeUpHardware.broken)
        #expect(try await settled().backend == .vaapi)
        hardware.advance(.seconds(100))
        desk.failed(.vaapi, MadeUpHardware.broken)
        #expect(
            desk.selection(.vaapi).note?.text
                == "on the CPU: VAAPI is not usable here: it failed twice in a short time, and is left alone for 60 minutes"
        )
        hardware.advance(.seconds(3600))
        #expect(try await settled().backend == .vaapi)
        #expect(hardware.probes.withLock { $0 } == 3)
    }
}

/// A whole rendition, from a frame to the engine, with hardware that breaks while it works.
@Suite(.serialized, .timeLimit(.minutes(1))) struct EncoderFallbackTests {
    @Test func viewersNoticeNothingWhenHardwareBreaks() async throws {
        let hardware = MadeUpHardware()
        hardware.endurance.withLock { $0 = 10 }
        hardware.answer(count: 100)
        let logger = Logger(label: "test")
        let desk = EncoderDesk(environment: hardware.environment, logger: logger)
        while desk.selection(.vaapi).backend == .cpu { try await Task.sleep(for: .milliseconds(2)) }

        let engine = try await FakeEngine.start()
        let log = EventLog()
        let transmission = TransmissionState(
            try Transmission(json: ["id": "t", "name": "Door", "path": "t"]), events: log.sink, logger: logger)
        let target = PublishTarget(path: "t", host: "127.0.0.1", port: engine.port, username: "u", password: "p")
        let spec = RenditionSpec(
            id: "t:t", transmissionID: "t", encoding: Encoding(width: 160, height: 90, fps: 25, encoder: .vaapi),
            targets: [target])
        // Without a writer it shows its placeholder, at the full rate for the first seconds.
        let rendition = Rendition(
            spec, terms: CopyTerms(spec.encoding, outputs: []), transmission: transmission, encoders: desk,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: logger,
            events: log.sink)
        var units = 0
        var codecs: [String] = []
        while units < 60, let event = await engine.first({ $0 }) {
            switch event {
            case .unit: units += 1
            case .disconnected: Issue.record("the publisher's connection was broken")
            case .request, .senderReport, .sound: break
            }
        }
        await log.first { event -> Bool? in
            guard case .rendition(let status) = event else { return nil }
            if let codec = status.codec, codecs.last != codec { codecs.append(codec) }
            #expect(status.state != .failed && status.restartCount == 0)
            #expect(status.hardwareAccelerated == (status.codec == "h264_vaapi"))
            // The reason comes when the encoder is opened, the codec with its first picture.
            return status.modeReason?.text.contains("left alone") == true && status.codec == "libx264" ? true : nil
        }
        // Broken, tried anew, broken again, and shut out.
        #expect(codecs.contains("h264_vaapi") && codecs.last == "libx264")
        rendition.stop()
        await rendition.thread.completion()
        try await engine.kill()
    }
}

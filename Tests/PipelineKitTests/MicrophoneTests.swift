import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct MicrophoneTests {
    /// ALSA's `null`, which is always there, gives silence as fast as it is asked.
    @Test func aDeviceWithoutAClockIsReadAtThePaceOfTime() async throws {
        let interrupt = InterruptFlag()
        let fanout = FrameFanout()
        let (signals, continuation) = AsyncStream.makeStream(of: SoundSignal.self)
        fanout.set([.init(hear: { continuation.yield($0) }, receive: { _ in })])
        let started = MonotonicInstant.now
        let microphone = Microphone("alsa:null", fanout: fanout, monitor: Self.monitor { _ in }, interrupt: interrupt)
        var frames: [CameraSound] = []
        var known: [KnownSound] = []
        for await signal in signals {
            switch signal {
            case .known(let sound): known.append(sound)
            case .frame(let frame): frames.append(frame)
            }
            if frames.count == 50 { break }
        }
        interrupt.interrupt()
        microphone.join()
        #expect(known.count == 1 && known.first?.format?.media.name == "LPCM")
        let last = try #require(frames.last)
        #expect(last.captureTime <= .now)
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.presentationTime < $1.presentationTime })
        let length = Double(last.presentationTime - frames[0].presentationTime) / Double(last.format.clockRate)
        #expect(length <= started.duration(to: .now) / .seconds(1) + 0.1, "not faster than time")
    }

    @Test func oneThatIsNotThereIsToldOf() async throws {
        let interrupt = InterruptFlag()
        let (statuses, continuation) = AsyncStream.makeStream(of: CameraStatus.self)
        let monitor = Self.monitor { event in
            if case .camera(let status) = event { continuation.yield(status) }
        }
        monitor.live(width: 320, height: 180)
        let fanout = FrameFanout()
        let (signals, heard) = AsyncStream.makeStream(of: SoundSignal.self)
        fanout.set([.init(hear: { heard.yield($0) }, receive: { _ in })])
        let microphone = Microphone("alsa:plughw:31,0", fanout: fanout, monitor: monitor, interrupt: interrupt)
        for await status in statuses where status.messageCode?.code.hasPrefix("microphone_") == true {
            #expect(status.state == .live && status.message?.contains("alsa:plughw:31,0") == true)
            break
        }
        // The picture waits for it no longer.
        for await signal in signals {
            guard case .known(let sound) = signal else { continue }
            #expect(sound == .none)
            break
        }
        interrupt.interrupt()
        microphone.join()
    }

    @Test func whatIsWrongNamesThoseThatThereAre() {
        let files = ["/proc/asound/pcm": "01-00: USB Audio : USB Audio : capture 1", "/proc/asound/card1/id": "C920"]
        let present = LocalMicrophone.present { files[$0] }
        func problem(
            _ address: String, _ kind: MediaError.Kind = .other, _ present: [LocalMicrophone]
        ) -> MicrophoneProblem {
            let error = MediaError(kind: kind, operation: "open input", subject: address, reason: "Input/output error")
            return MicrophoneProblem(of: address, error, present: present)
        }
        let unknown = problem("alsa:plughw:CARD=Gone,DEV=0", .other, present)
        #expect(
            unknown.sentence
                == "There is no microphone alsa:plughw:CARD=Gone,DEV=0. There are: alsa:plughw:CARD=C920,DEV=0.")
        #expect(
            unknown.code
                == MessageCode(
                    "microphone_unknown",
                    ["microphone": "alsa:plughw:CARD=Gone,DEV=0", "known": "alsa:plughw:CARD=C920,DEV=0"]))
        #expect(problem("alsa:hw:1,0", .other, present).code.code == "microphone_silent")
        #expect(problem("alsa:default", .timedOut, present).code.code == "microphone_silent")
        #expect(problem("alsa:default", .other, []).code.code == "microphone_none")
        #expect(problem("alsa:default", .unsupported, present).code.code == "camera_unsupported")
    }

    private static func monitor(events: @escaping EventSink) -> CameraMonitor {
        CameraMonitor(cameraID: "c", now: { .now }, logger: Logger(label: "test"), events: events)
    }
}

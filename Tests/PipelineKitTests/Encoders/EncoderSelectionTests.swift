import MediaKit
import StreamModel
import Testing

@testable import PipelineKit

@Suite struct EncoderSelectionTests {
    private func select(
        _ choice: EncoderChoice, _ standings: [EncoderBackend: EncoderSelection.Standing]
    ) -> EncoderSelection {
        EncoderSelection(choice) { standings[$0] ?? .unusable(.freeText("none")) }
    }

    @Test func theCPUIsNeverTried() {
        let selection = EncoderSelection(.cpu) { _ in
            Issue.record("the CPU needs no trial")
            return .unknown
        }
        #expect(selection.backend == .cpu && selection.note == nil)
    }

    @Test func whatIsAskedForIsUsedWhenItWorks() {
        let selection = select(.vaapi, [.vaapi: .usable, .nvenc: .usable])
        #expect(selection.backend == .vaapi && selection.note == nil)
    }

    @Test func theCPUStandsInAndTheNoteSaysWhy() {
        let broken = select(.vaapi, [.vaapi: .unusable(.freeText("no device /dev/dri/renderD128")), .nvenc: .usable])
        #expect(broken.backend == .cpu)
        #expect(broken.note?.text == "on the CPU: VAAPI is not usable here: no device /dev/dri/renderD128")
        let trying = select(.qsv, [.qsv: .unknown])
        #expect(trying.backend == .cpu)
        #expect(trying.note?.text == "on the CPU while Quick Sync is tried")
    }

    #if os(Linux)
        @Test func automaticTakesTheFirstThatWorksInOrder() {
            #expect(EncoderBackend.automaticOrder == [.nvenc, .vaapi, .qsv, .v4l2m2m])
            #expect(select(.auto, [.v4l2m2m: .usable, .qsv: .usable]).backend == .qsv)
            // One that comes later is not used while a better one is being tried.
            let waiting = select(.auto, [.vaapi: .unknown, .qsv: .usable])
            #expect(waiting.backend == .cpu)
            let none = select(.auto, [.nvenc: .unusable(.freeText("no device /dev/nvidiactl"))])
            #expect(none.backend == .cpu)
            #expect(
                none.note?.text == "on the CPU: no hardware encoder is usable here (NVENC: no device /dev/nvidiactl; "
                    + "VAAPI: none; Quick Sync: none; V4L2 M2M: none)")
        }
    #endif
}

@Suite struct EncoderQuarantineTests {
    private let start = MonotonicInstant.now

    private func quarantine(failingAt seconds: [Int]) -> EncoderQuarantine {
        var quarantine = EncoderQuarantine()
        for second in seconds { quarantine.failed(.vaapi, at: start + .seconds(second)) }
        return quarantine
    }

    @Test(
        "two failures within 600 s shut an encoder out for 3600 s",
        arguments: [
            ([0], 1, false), ([0, 599], 599, true), ([0, 599], 599 + 3599, true), ([0, 599], 599 + 3600, false),
            ([0, 600], 600, false), ([0, 600, 1199], 1199, true),
            // After it, it begins from nothing.
            ([0, 1, 3700], 3700, false), ([0, 1, 3700, 3701], 3701, true),
        ])
    func shutOut(failures: [Int], at second: Int, expected: Bool) {
        let quarantine = quarantine(failingAt: failures)
        #expect(quarantine.isShutOut(.vaapi, at: start + .seconds(second)) == expected)
        #expect(!quarantine.isShutOut(.nvenc, at: start + .seconds(second)))
    }
}

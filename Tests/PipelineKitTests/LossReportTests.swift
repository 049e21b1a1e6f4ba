import StreamModel
import Testing

@testable import PipelineKit

@Suite struct LossReportTests {
    @Test func addsUpOverConnectionsAndSaysSoOnceASecond() {
        var report = LossReport()
        let start = ContinuousClock.now
        #expect(report.closed() == nil, "nobody counts")
        #expect(report.note(nil, at: start) == nil)
        #expect(report.note(CameraLosses(), at: start) == CameraLosses(), "they are counted from now on")
        #expect(report.note(CameraLosses(packets: 3, pictures: 1), at: start + .milliseconds(900)) == nil)
        #expect(
            report.note(CameraLosses(packets: 4, pictures: 1), at: start + .seconds(1))
                == CameraLosses(packets: 4, pictures: 1))
        #expect(report.note(CameraLosses(packets: 4, pictures: 1), at: start + .seconds(3)) == nil, "nothing new")
        #expect(report.closed() == CameraLosses(packets: 4, pictures: 1))
        #expect(
            report.note(CameraLosses(packets: 2, pictures: 2), at: start + .seconds(9))
                == CameraLosses(packets: 6, pictures: 3))
    }
}

import MediaKit
import StreamModel
import Testing

@testable import PipelineKit

@Suite struct FindingReporterTests {
    private static func motion(_ active: Bool, _ score: Double) -> PictureFindings {
        PictureFindings(motion: MotionFinding(active: active, score: score, boxes: [], isHeld: false))
    }

    @Test func whatIsNewIsToldAtOnceAndTheRestNowAndThen() throws {
        let log = EventLog()
        var reporter = FindingReporter(pipelineID: "p", nodeID: "n", events: log.sink)
        let packet = Packet(frame: try TestFrames.frame(), cameraID: "c")
        let start = MonotonicInstant.now
        func report(_ findings: PictureFindings, _ milliseconds: Int) {
            reporter.report(findings, of: packet.cameraID, now: start + .milliseconds(milliseconds))
        }
        reporter.finish()
        report(Self.motion(false, 0), 0)
        report(Self.motion(false, 0), 1000)
        report(Self.motion(false, 0.001), 1100)
        report(Self.motion(false, 0.002), 1200)
        report(Self.motion(true, 0.02), 1300)
        report(Self.motion(true, 0.03), 1799)
        report(Self.motion(true, 0.04), 1800)
        report(Self.motion(true, 0.04), 11_799)
        report(Self.motion(true, 0.04), 11_800)
        reporter.finish()
        reporter.finish()
        let scores = log.events.map { event -> Double? in
            if case .finding(let report) = event { report.findings?.motion?.score } else { -1 }
        }
        #expect(scores == [0, 0.001, 0.02, 0.04, 0.04, nil])
    }
}

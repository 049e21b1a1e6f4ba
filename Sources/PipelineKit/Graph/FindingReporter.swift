import Foundation
import MediaKit
import StreamModel

/// Tells the control plane what a step finds: at once when something else is there, else now and then while it changes.
struct FindingReporter: Sendable {
    /// Between two reports that tell of the same.
    static let interval: Duration = .milliseconds(500)

    private let pipelineID: String
    private let nodeID: String
    private let events: EventSink
    private var last: (findings: PictureFindings, cameraID: String, at: MonotonicInstant)?

    init(pipelineID: String, nodeID: String, events: @escaping EventSink) {
        self.pipelineID = pipelineID
        self.nodeID = nodeID
        self.events = events
    }

    /// - Parameter findings: of this step alone.
    mutating func report(_ findings: PictureFindings, in packet: Packet, now: MonotonicInstant = .now) {
        if let last, last.findings.tellsOfTheSame(as: findings),
            last.findings == findings || last.at.duration(to: now) < Self.interval
        {
            return
        }
        last = (findings, packet.cameraID, now)
        send(findings, of: packet.cameraID)
    }

    /// The step ends.
    mutating func finish() {
        guard let last else { return }
        self.last = nil
        send(nil, of: last.cameraID)
    }

    private func send(_ findings: PictureFindings?, of cameraID: String) {
        events(
            .finding(
                FindingReport(
                    pipelineID: pipelineID, nodeID: nodeID, cameraID: cameraID, atUnix: Date().timeIntervalSince1970,
                    findings: findings)))
    }
}

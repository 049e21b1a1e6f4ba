import Foundation
import MediaKit
import StreamModel

/// Tells the control plane what a step finds: at once when something else is there, else now and then while it changes.
struct FindingReporter: Sendable {
    /// Between two reports that tell of the same.
    static let interval: Duration = .milliseconds(500)
    /// The same is told again so often: who hears nothing for long takes it that nothing is looked at.
    static let renewal: Duration = .seconds(10)

    private let pipelineID: String
    private let nodeID: String
    private let events: EventSink
    private var last: (findings: PictureFindings, cameraID: String, at: MonotonicInstant)?
    /// Of a step that can't look.
    private var problem: (message: CodedMessage, cameraID: String)?

    init(pipelineID: String, nodeID: String, events: @escaping EventSink) {
        self.pipelineID = pipelineID
        self.nodeID = nodeID
        self.events = events
    }

    /// - Parameter findings: of this step alone.
    mutating func report(_ findings: PictureFindings, in packet: Packet, now: MonotonicInstant = .now) {
        if let last, last.findings.tellsOfTheSame(as: findings),
            last.at.duration(to: now) < (last.findings == findings ? Self.renewal : Self.interval)
        {
            return
        }
        last = (findings, packet.cameraID, now)
        problem = nil
        send(findings, of: packet.cameraID)
    }

    /// The step can't look, and says why; told once.
    mutating func report(_ problem: CodedMessage, in packet: Packet) {
        guard self.problem?.message != problem else { return }
        last = nil
        self.problem = (problem, packet.cameraID)
        send(nil, problem, of: packet.cameraID)
    }

    /// The step ends.
    mutating func finish() {
        guard let cameraID = last?.cameraID ?? problem?.cameraID else { return }
        last = nil
        problem = nil
        send(nil, of: cameraID)
    }

    private func send(_ findings: PictureFindings?, _ problem: CodedMessage? = nil, of cameraID: String) {
        events(
            .finding(
                FindingReport(
                    pipelineID: pipelineID, nodeID: nodeID, cameraID: cameraID, atUnix: Date().timeIntervalSince1970,
                    findings: findings, problem: problem)))
    }
}

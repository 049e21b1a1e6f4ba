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
    /// By camera: several may lead to one step.
    private var last: [String: (findings: PictureFindings, at: MonotonicInstant)] = [:]
    /// The same, of a step that can't look.
    private var problems: [String: CodedMessage] = [:]

    init(pipelineID: String, nodeID: String, events: @escaping EventSink) {
        self.pipelineID = pipelineID
        self.nodeID = nodeID
        self.events = events
    }

    /// - Parameter findings: of this step alone.
    mutating func report(_ findings: PictureFindings, of cameraID: String, now: MonotonicInstant = .now) {
        if let last = last[cameraID], last.findings.tellsOfTheSame(as: findings),
            last.at.duration(to: now) < (last.findings == findings ? Self.renewal : Self.interval)
        {
            return
        }
        last[cameraID] = (findings, now)
        problems[cameraID] = nil
        send(findings, of: cameraID)
    }

    /// Nothing can have changed since the last report.
    mutating func renew(_ cameraID: String, now: MonotonicInstant = .now) {
        if let last = last[cameraID] { report(last.findings, of: cameraID, now: now) }
    }

    /// The step can't look, and says why; told once.
    mutating func report(_ problem: CodedMessage, of cameraID: String) {
        guard problems[cameraID] != problem else { return }
        last[cameraID] = nil
        problems[cameraID] = problem
        send(nil, problem, of: cameraID)
    }

    /// The step ends.
    mutating func finish() {
        for cameraID in Set(last.keys).union(problems.keys) { finish(cameraID) }
    }

    /// The step knows nothing of a camera any more.
    mutating func finish(_ cameraID: String) {
        let hadFindings = last.removeValue(forKey: cameraID) != nil
        let hadProblem = problems.removeValue(forKey: cameraID) != nil
        if hadFindings || hadProblem { send(nil, of: cameraID) }
    }

    private func send(_ findings: PictureFindings?, _ problem: CodedMessage? = nil, of cameraID: String) {
        events(
            .finding(
                FindingReport(
                    pipelineID: pipelineID, nodeID: nodeID, cameraID: cameraID, atUnix: Date().timeIntervalSince1970,
                    findings: findings, problem: problem)))
    }
}

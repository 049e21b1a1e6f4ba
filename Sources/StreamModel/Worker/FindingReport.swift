/// What a step of a running pipeline finds in the pictures of a camera.
public struct FindingReport: Hashable, Sendable, Codable {
    public var pipelineID: String
    public var nodeID: String
    public var cameraID: String
    /// In seconds since 1970.
    public var atUnix: Double
    /// Nil once the step has ended, and while it can't look.
    public var findings: PictureFindings?
    /// Why it can't look, and what to do.
    public var problem: CodedMessage?

    /// Whether the step has ended.
    public var isOver: Bool { findings == nil && problem == nil }

    enum CodingKeys: String, CodingKey {
        case findings, problem
        case pipelineID = "pipeline_id"
        case nodeID = "node_id"
        case cameraID = "camera_id"
        case atUnix = "at_unix"
    }

    public init(
        pipelineID: String, nodeID: String, cameraID: String, atUnix: Double, findings: PictureFindings?,
        problem: CodedMessage? = nil
    ) {
        self.pipelineID = pipelineID
        self.nodeID = nodeID
        self.cameraID = cameraID
        self.atUnix = atUnix
        self.findings = findings
        self.problem = problem
    }
}

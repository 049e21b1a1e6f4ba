import StreamModel

/// Which output is to become a camera in Home Assistant.
public struct HomeAssistantCameraRequest: Hashable, Sendable {
    public var transmissionID: String
    public var outputID: String

    /// - Throws: ``ValidationError`` naming all that is wrong.
    init(json: JSONValue) throws(ValidationError) {
        let issues = IssueList()
        self.init(reading: ObjectReader(json, at: ["body"], issues: issues))
        try issues.throwIfAny()
    }

    public static let shape = ObjectShape { _ = HomeAssistantCameraRequest(reading: $0) }

    private init(reading reader: ObjectReader) {
        transmissionID = reader.requiredString("transmission_id")
        outputID = reader.requiredString("output_id")
        reader.forbidUnknownMembers()
    }
}

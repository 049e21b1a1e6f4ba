import StreamModel

/// What `GET /api/events/log` may ask for: which events, newest first.
public struct SightingQuery: Hashable, Sendable {
    public static let limitRange = 1...200
    public static let defaultLimit = 50

    /// Only those with a smaller id: the next page.
    var before: Int?
    /// Only those with a larger id: what is new.
    var after: Int?
    var cameraID: String?
    var kind: EventKind?
    var label: String?
    var limit = Self.defaultLimit

    /// - Parameter query: the members of the request's query, as texts.
    init(_ query: JSONValue) throws(ControlPlaneError) {
        let issues = IssueList()
        let reader = ObjectReader(query, at: ["query"], issues: issues)
        before = reader.optionalInteger("before", in: 0 ... .max)
        after = reader.optionalInteger("after", in: 0 ... .max)
        cameraID = reader.optionalString("camera")
        kind = reader.optionalChoice("kind")
        label = reader.optionalString("label")
        limit = reader.integer("limit", in: Self.limitRange, default: Self.defaultLimit)
        do throws(ValidationError) { try issues.throwIfAny() } catch { throw .invalid(error) }
    }
}

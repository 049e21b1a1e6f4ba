import StreamModel

extension StreamingService {
    /// The picture that a transmission shows now, or showed a moment ago; its worker is started when it does not run.
    ///
    /// - Parameter query: `{max_age, width}`, as texts: how old the picture may be, in seconds, and how wide at most.
    /// - Throws: 404; 409 for a transmission that is switched off or elsewhere; 422 for a wrong query; 503 when no picture
    ///   could be taken.
    public func still(transmissionID: String, query: JSONValue) async throws(ControlPlaneError) -> Still {
        let issues = IssueList()
        let reader = ObjectReader(query, at: ["query"], issues: issues)
        let seconds = reader.integer("max_age", in: StillQuery.ageRange, default: StillQuery.defaultAge)
        let width = reader.integer("width", in: StillQuery.widthRange, default: StillQuery.defaultWidth)
        do throws(ValidationError) { try issues.throwIfAny() } catch { throw .invalid(error) }
        let transmission = try await transmission(id: transmissionID)
        guard transmission.hostServerID == ServerID.local else {
            throw .conflict("This transmission is served by '\(transmission.hostServerID)'. Ask that server.")
        }
        guard transmission.enabled else {
            throw .conflict("This transmission is switched off. Switch it on to see its picture.")
        }
        return try await stills.still(
            StillCache.Key(transmissionID: transmission.id, maximumWidth: width), maximumAge: .seconds(seconds))
    }
}

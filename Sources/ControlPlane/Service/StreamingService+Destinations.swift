import Foundation
import StreamModel

/// The body of `PATCH /transmissions/{id}/destinations/{destination_id}`.
public struct DestinationSwitch: Hashable, Sendable {
    public var active: Bool

    init(reading reader: ObjectReader) {
        active = reader.requiredBool("active")
        reader.forbidUnknownMembers()
    }

    public static let shape = ObjectShape { _ = DestinationSwitch(reading: $0) }
}

extension StreamingService {
    /// Switches a destination on or off, for automations and for pages that show one as a switch.
    ///
    /// - Parameter body: `{active}`
    /// - Throws: 422 for a wrong field; 404 for what does not exist.
    public func switchDestination(
        transmissionID: String, destinationID: String, _ body: JSONValue
    ) async throws(ControlPlaneError) -> Applied<StreamDestination> {
        let wanted: DestinationSwitch
        do throws(ValidationError) {
            let issues = IssueList()
            wanted = DestinationSwitch(reading: ObjectReader(body, at: ["body"], issues: issues))
            try issues.throwIfAny()
        } catch {
            throw .invalid(error)
        }
        let switched = try await store.update { stored in
            guard let index = stored.transmissions.firstIndex(where: { $0.id == transmissionID }) else {
                throw ControlPlaneError.transmissionNotFound
            }
            guard
                let place = stored.transmissions[index].destinations.firstIndex(where: { $0.id == destinationID })
            else { throw ControlPlaneError.destinationNotFound }
            stored.transmissions[index].destinations[place].active = wanted.active
            stored.transmissions[index].updatedAt = Date()
            return stored.transmissions[index].destinations[place]
        }
        return switched.with(switched.value, warning: await apply())
    }
}

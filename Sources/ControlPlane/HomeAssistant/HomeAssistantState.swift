import StreamModel

/// Whether cameras can be added to Home Assistant.
public enum HomeAssistantState: Hashable, Sendable {
    case available(version: String?)
    /// Why not, as a sentence.
    case unavailable(String)
    /// This server is no add-on, and knows of no Home Assistant.
    case noAddOn

    static let noAddOnReason = "This server does not run as an add-on of Home Assistant."

    public var json: JSONValue {
        let (version, reason): (String?, String?) =
            switch self {
            case .available(let version): (version, nil)
            case .unavailable(let reason): (nil, reason)
            case .noAddOn: (nil, Self.noAddOnReason)
            }
        return [
            "available": .bool(reason == nil), "is_add_on": .bool(self != .noAddOn), "reason": JSONValue(reason),
            "version": JSONValue(version),
        ]
    }
}

/// A camera that Home Assistant has because of us.
public struct AddedCamera: Hashable, Sendable {
    /// The entry of the integration.
    public var entryID: String
    /// Such as `camera.front_door`; nil when Home Assistant did not tell.
    public var entityID: String?
    /// For people.
    public var name: String

    public var json: JSONValue {
        ["entry_id": .string(entryID), "entity_id": JSONValue(entityID), "name": .string(name)]
    }
}

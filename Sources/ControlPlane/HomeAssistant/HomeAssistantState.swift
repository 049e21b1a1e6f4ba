import StreamModel

/// Whether cameras can be added to Home Assistant.
public enum HomeAssistantState: Hashable, Sendable {
    case available(version: String?)
    /// Why not, as a sentence.
    case unavailable(CodedMessage)
    /// This server is no add-on, and knows of no Home Assistant.
    case noAddOn

    static let noAddOnReason = CodedMessage(
        "home_assistant_no_add_on", "This server does not run as an add-on of Home Assistant.")

    public var json: JSONValue {
        var members = reasonMembers
        members["available"] = .bool(reason == nil)
        if case .available(let version) = self {
            members["version"] = JSONValue(version)
        } else {
            members["version"] = .null
        }
        return .object(members)
    }

    /// Whether there is a Home Assistant, and why it gives nothing.
    var reasonMembers: [String: JSONValue] {
        CodedMessage.members("reason", reason).merging(["is_add_on": .bool(self != .noAddOn)]) { $1 }
    }

    private var reason: CodedMessage? {
        switch self {
        case .available: nil
        case .unavailable(let reason): reason
        case .noAddOn: Self.noAddOnReason
        }
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

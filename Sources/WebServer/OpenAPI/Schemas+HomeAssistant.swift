import ControlPlane
import StreamModel

extension Schemas {
    /// What adding cameras to Home Assistant takes and answers.
    static let homeAssistant: [String: JSONValue] = [
        "HomeAssistant": Schema.answer([
            "available": Schema.boolean, "is_add_on": Schema.boolean, "reason": Schema.nullable(Schema.string),
            "version": Schema.nullable(Schema.string),
        ]),
        "HomeAssistantCamera": Schema.object(HomeAssistantCameraRequest.shape),
        "AddedCamera": Schema.answer([
            "entry_id": Schema.string, "entity_id": Schema.nullable(Schema.string), "name": Schema.string,
        ]),
    ]
}

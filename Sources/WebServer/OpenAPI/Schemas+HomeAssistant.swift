import ControlPlane
import StreamModel

extension Schemas {
    /// What adding cameras to Home Assistant takes and answers.
    static let homeAssistant: [String: JSONValue] = [
        "HomeAssistant": Schema.answer([
            "available": Schema.boolean, "is_add_on": Schema.boolean, "reason": Schema.nullable(Schema.string),
            "reason_code": Schema.nullable(Schema.string), "reason_parameters": ["type": "object"],
            "version": Schema.nullable(Schema.string),
        ]),
        "HomeAssistantCamera": Schema.object(HomeAssistantCameraRequest.shape),
        "HomeAssistantCameras": Schema.answer([
            "is_add_on": Schema.boolean, "reason": Schema.nullable(Schema.string),
            "reason_code": Schema.nullable(Schema.string), "reason_parameters": ["type": "object"],
            "cameras": [
                "type": "array",
                "items": Schema.answer([
                    "entity_id": Schema.string, "name": Schema.string, "url": Schema.string,
                    "has_stream": Schema.boolean,
                ]),
            ],
        ]),
        "AddedCamera": Schema.answer([
            "entry_id": Schema.string, "entity_id": Schema.nullable(Schema.string), "name": Schema.string,
        ]),
    ]
}

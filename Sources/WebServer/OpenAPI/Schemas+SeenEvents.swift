import ControlPlane
import StreamModel

extension Schemas {
    /// What the log of events answers.
    static let seenEvents: [String: JSONValue] = [
        "EventLog": Schema.answer([
            "events": Schema.list(Schema.reference("SeenEvent")), "next_before": Schema.nullable(Schema.integer),
        ]),
        "SeenEvent": Schema.answer([
            "id": Schema.integer, "kind": Schema.choice(EventKind.self),
            "label": Schema.nullable(Schema.string), "tracking_id": Schema.nullable(Schema.string),
            "camera_id": Schema.string, "camera_name": Schema.string,
            "pipeline_id": Schema.string, "pipeline_name": Schema.string,
            "transmission_id": Schema.nullable(Schema.string), "started_at_unix": Schema.number,
            "ended_at_unix": Schema.nullable(Schema.number), "score": Schema.number,
            "bbox01": Schema.nullable(Schema.list(Schema.number)), "has_still": Schema.boolean,
        ]),
        "WebhookStates": Schema.answer([
            "webhooks": Schema.list(
                Schema.answer([
                    "id": Schema.string, "state": Schema.choice(WebhookState.self), "waiting": Schema.integer,
                    "delivered": Schema.integer, "lost": Schema.integer,
                    "last_delivered_at_unix": Schema.nullable(Schema.number),
                    "problem": Schema.nullable(Schema.reference("CodedMessage")),
                ]))
        ]),
        "MQTTStatus": Schema.answer([
            "state": Schema.choice(MQTTState.self), "broker": Schema.nullable(Schema.string),
            "from_supervisor": Schema.boolean, "since_unix": Schema.nullable(Schema.number),
            "problem": Schema.nullable(Schema.reference("CodedMessage")), "published": Schema.integer,
            "waiting": Schema.integer, "lost": Schema.integer,
        ]),
        "MQTTTest": Schema.answer([
            "connected": Schema.boolean, "problem": Schema.nullable(Schema.reference("CodedMessage")),
        ]),
        "WebhookTest": Schema.answer([
            "arrived": Schema.boolean, "problem": Schema.nullable(Schema.reference("CodedMessage")),
        ]),
    ]
}

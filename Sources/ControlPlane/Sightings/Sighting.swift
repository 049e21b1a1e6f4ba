import StreamModel

/// Something that a pipeline saw before a camera, from when it appeared until it was gone: an event of `/api/events/log`.
struct Sighting: Hashable, Sendable {
    /// Larger than that of each one before, whatever the clock says.
    var id: Int
    var kind: EventKind
    /// The name of the thing; nil for motion.
    var label: String?
    /// Of the one that was followed; nil where things are not.
    var trackingID: String?
    var place: SightingPlace
    /// Seconds since 1970.
    var startedAtUnix: Double
    /// Nil while it goes on.
    var endedAtUnix: Double?
    /// When it was seen last, as far as that was written down.
    var seenAtUnix: Double
    /// The best, 0 to 1.
    var score: Double
    /// Where it was then.
    var box: PictureBox?
    /// Whether there is a picture of it.
    var hasStill = false

    var json: JSONValue {
        [
            "id": .integer(id), "kind": .string(kind.rawValue), "label": JSONValue(label),
            "tracking_id": JSONValue(trackingID),
            "camera_id": .string(place.cameraID), "camera_name": .string(place.cameraName),
            "pipeline_id": .string(place.pipelineID), "pipeline_name": .string(place.pipelineName),
            "transmission_id": JSONValue(place.transmissionID),
            "started_at_unix": .number(startedAtUnix), "ended_at_unix": JSONValue(endedAtUnix),
            "score": .number(score), "bbox01": box?.json ?? .null, "has_still": .bool(hasStill),
        ]
    }
}

/// Where something is seen. Names are those of that time: who reads it later may have given others.
struct SightingPlace: Hashable, Sendable {
    var cameraID: String
    var cameraName: String
    var pipelineID: String
    var pipelineName: String
    /// The one whose picture shows it; nil where the pipeline has none.
    var transmissionID: String?
}

extension PictureBox {
    var json: JSONValue { .array([left, top, right, bottom].map(JSONValue.number)) }

    /// Nil when it is none.
    init?(_ json: JSONValue) {
        let numbers = json.arrayValue?.compactMap(\.doubleValue) ?? []
        guard numbers.count == 4 else { return nil }
        self.init(left: numbers[0], top: numbers[1], right: numbers[2], bottom: numbers[3])
    }
}

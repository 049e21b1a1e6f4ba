import StreamModel

/// The cameras of Home Assistant, as the page offers them.
public struct HomeAssistantCameras: Hashable, Sendable {
    struct Camera: Hashable, Sendable {
        /// Such as `camera.front_door`.
        var entity: String
        /// For people.
        var name: String
        /// Whether Home Assistant has more of it than pictures one by one.
        var hasStream: Bool
    }

    var state = HomeAssistantState.available(version: nil)
    var cameras: [Camera] = []

    private static let limit = 500
    private static let nameLimit = 200

    /// Only what is asked for: all states of a large home are megabytes. The 2 is `CameraEntityFeature.STREAM`
    /// (`homeassistant/components/camera/__init__.py`).
    static let template = """
        {% set generic = integration_entities('generic') %}{% set found = namespace(cameras=[]) %}\
        {% for camera in (states.camera | list)[:\(limit)] %}\
        {% set found.cameras = found.cameras + [[camera.entity_id, camera.name, \
        (camera.attributes.supported_features | default(0) | int(0) | bitwise_and(2)) > 0, \
        camera.entity_id in generic]] %}{% endfor %}{{ found.cameras | to_json }}
        """

    init(state: HomeAssistantState) { self.state = state }

    /// - Parameters:
    ///   - rendered: what came of ``template``.
    ///   - names: of cameras of "Generic Camera" that are left out.
    init(rendered: JSONValue?, withoutGeneric names: Set<String>) {
        cameras = (rendered?.arrayValue ?? []).prefix(Self.limit).compactMap { row in
            guard let row = row.arrayValue, row.count == 4, let entity = row[0].stringValue,
                HomeAssistantAddress.isEntity(entity)
            else { return nil }
            let name = row[1].stringValue.map { String($0.prefix(Self.nameLimit)) } ?? entity
            guard row[3] != true || !names.contains(name) else { return nil }
            return Camera(entity: entity, name: name, hasStream: row[2] == true)
        }
        .sorted { ($0.name, $0.entity) < ($1.name, $1.entity) }
    }

    public var json: JSONValue {
        var members = state.reasonMembers
        members["cameras"] = .array(
            cameras.map {
                [
                    "entity_id": .string($0.entity), "name": .string($0.name),
                    "url": .string("\(HomeAssistantAddress.scheme):\($0.entity)"), "has_stream": .bool($0.hasStream),
                ]
            })
        return .object(members)
    }
}

import StreamModel

@testable import ControlPlane

/// Configured things for tests.
enum Sample {
    static func transmission(
        _ id: String, path: String? = nil, outputs: JSONValue = [["id": "h", "protocol": "hls"]], enabled: Bool = true
    ) throws -> Transmission {
        try Transmission(
            json: [
                "id": .string(id), "name": .string(id), "path": .string(path ?? id), "outputs": outputs,
                "enabled": .bool(enabled),
            ])
    }

    static func camera(_ id: String, url: String = "demo:") throws -> Camera {
        try Camera(json: ["id": .string(id), "name": .string(id), "url": .string(url)])
    }

    static func pipelineBody(_ name: String, camera: String, into transmissions: [String]) -> JSONValue {
        let sinks = transmissions.map { id -> JSONValue in
            [
                "id": .string("to-\(id)"), "operator": "stream.publish_video",
                "config": ["transmission_id": .string(id)],
            ]
        }
        let source: JSONValue = [
            "id": "source", "operator": "camera.source", "config": ["camera_id": .string(camera)],
        ]
        let edges = transmissions.map { id -> JSONValue in
            ["from": ["node": "source"], "to": ["node": .string("to-\(id)")]]
        }
        return ["name": .string(name), "nodes": .array([source] + sinks), "edges": .array(edges)]
    }

    static func pipeline(_ id: String, camera: String = "cam", into transmissions: [String]) throws -> Pipeline {
        var body = pipelineBody(id, camera: camera, into: transmissions).objectValue ?? [:]
        body["id"] = .string(id)
        return try Pipeline(json: .object(body))
    }
}

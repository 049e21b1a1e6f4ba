import StreamModel
import Testing

@Suite("Pipelines and the wizard (contract B.10 and G)")
struct PipelineTests {
    private func node(_ id: String, _ name: String, _ config: JSONValue = [:]) -> JSONValue {
        ["id": .string(id), "operator": .string(name), "config": config]
    }

    private func edge(_ from: String, _ to: String) -> JSONValue {
        ["from": ["node": .string(from), "port": "out"], "to": ["node": .string(to), "port": "in"]]
    }

    private func pipeline(_ nodes: [JSONValue], _ edges: [JSONValue]) throws -> Pipeline {
        try Pipeline(json: ["name": "p", "nodes": .array(nodes), "edges": .array(edges)])
    }

    private var source: JSONValue { node("s", "camera.source", ["camera_id": "c"]) }
    private var sink: JSONValue { node("k", "stream.publish_video", ["transmission_id": "t"]) }

    @Test("a source into a sink is a pipeline, and knows its ends")
    func minimal() throws {
        let graph = try pipeline([source, sink], [edge("s", "k")]).graph
        #expect(graph.cameraIDs == ["c"] && graph.transmissionIDs == ["t"])
        #expect(graph.edges[0].maxsize == 2 && graph.edges[0].dropPolicy == "drop_oldest")
    }

    @Test("graphs that cannot run are refused with a sentence")
    func refused() {
        let reducer = node("f", "core.fps_reducer", ["target_fps": 5.0])
        let cases: [([JSONValue], [JSONValue], String)] = [
            ([], [], "needs at least"),
            ([source, sink], [], "Nothing leads into the node 'k'"),
            ([source, sink], [edge("s", "x")], "'x', which does not exist"),
            ([source, source, sink], [edge("s", "k")], "used twice"),
            ([source, sink], [edge("s", "k"), edge("k", "s")], "no edge may lead into it"),
            ([source, reducer, sink], [edge("s", "k")], "leads nowhere"),
            (
                [source, reducer, node("g", "core.fps_reducer"), sink],
                [edge("s", "k"), edge("f", "g"), edge("g", "f")], "in a circle"
            ),
            ([source, node("k", "vision.detect")], [edge("s", "k")], "not available yet"),
            ([source, node("k", "nope")], [edge("s", "k")], "There is no operator 'nope'"),
            ([node("s", "camera.source"), sink], [edge("s", "k")], "Field required"),
            (
                [source, node("f", "core.fps_reducer", ["target_fps": 61]), sink],
                [edge("s", "f"), edge("f", "k")], "less than or equal to 60.0"
            ),
        ]
        for (nodes, edges, sentence) in cases {
            let error = #expect(throws: ValidationError.self) { try pipeline(nodes, edges) }
            #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "accepted"): \(sentence)")
        }
    }

    @Test("there are at most 256 nodes, and a circle among as many is found", .timeLimit(.minutes(1)))
    func nodeLimit() throws {
        func ring(_ count: Int) throws -> Pipeline {
            let nodes = (0..<count).map { node("n\($0)", "core.fps_reducer", ["target_fps": 5.0]) }
            return try pipeline(nodes, (0..<count).map { edge("n\($0)", "n\(($0 + 1) % count)") })
        }
        let circle = #expect(throws: ValidationError.self) { try ring(256) }
        #expect(circle?.description.contains("in a circle") == true)
        let error = #expect(throws: ValidationError.self) { try ring(257) }
        #expect(error?.issues.contains { $0.message == "List should have at most 256 items, not 257" } == true)
    }

    @Test("the wizard's simple stream is the reference's graph")
    func wizardGraph() throws {
        let request = try WizardRequest(json: [
            "transmission_id": "t", "camera_id": "cam", "preset_id": "simple_stream",
            "optional_parameters": ["use_fps_reducer": true, "future": 1],
        ])
        let graph = request.graph(cameraID: "c1")
        #expect(graph.nodes.map(\.operator) == ["camera.source", "core.fps_reducer", "stream.publish_video"])
        #expect(graph.nodes.map(\.id) == ["source", "fps", "stream"])
        #expect(graph.edges.map(\.maxsize) == [2, 8])
        #expect(graph.nodes[1].config["target_fps"] == 5.0)
        #expect(
            graph.nodes[2].config == [
                "transmission_id": "t",
                "frame_with_fallback": ["mask", "frame", "best_frame", "segmented", "frame_original"],
                "resize_mode": "contain", "writer_priority": 0, "bypass_mode": "auto",
            ])
        #expect(throws: Never.self) { try Pipeline(json: Pipeline(name: "x", graph: graph).json) }
    }

    @Test("presets that do not exist yet say so")
    func unavailablePreset() {
        let error = #expect(throws: ValidationError.self) {
            try WizardRequest(json: ["transmission_id": "t", "camera_id": "c", "preset_id": "tracking_stream"])
        }
        #expect(error?.description.contains("not available yet") == true)
    }

    @Test("the wizard names pipelines as the reference does")
    func names() throws {
        let request = try WizardRequest(json: ["transmission_id": "t", "camera_id": "c", "preset_id": "simple_stream"])
        let door = try Transmission(json: ["id": "t", "name": "Front Door Stream", "path": "front-door"])
        #expect(request.pipelineName(for: door, cameraID: "cam-1") == "front_door__cam_1__stream")
        let unnamed = try Transmission(json: ["id": "7e57d004-2b97-4e7a-b45f-5387367791cd"])
        #expect(request.pipelineName(for: unnamed, cameraID: "cam-1") == "cam_1__stream")
        let garage = try Transmission(json: ["id": "t", "name": "Garage", "path": "garage"])
        #expect(request.pipelineName(for: garage, cameraID: "garage") == "garage__stream")
    }

    @Test(
        "safe names (contract G)",
        arguments: [("1abc", "_1abc"), ("a b", "a_b"), ("class", "class_"), ("é-x", "x"), ("!!", "pipeline")])
    func safeNames(text: String, name: String) throws {
        let request = try WizardRequest(json: [
            "transmission_id": "t", "camera_id": "c", "preset_id": "simple_stream",
            "optional_parameters": ["pipeline_name": .string(text)],
        ])
        #expect(request.pipelineName(for: try Transmission(json: ["id": "t"]), cameraID: "c") == name)
    }
}

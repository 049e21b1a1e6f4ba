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
            ([source, node("k", "vision.segment_instances")], [edge("s", "k")], "not available yet"),
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

    @Test("the wizard's motion gate is the reference's graph")
    func motionGateGraph() throws {
        let graph = try motionWizard([:]).graph(cameraID: "c1")
        #expect(graph.nodes.map(\.id) == ["source", "fps", "motion", "stream"])
        #expect(graph.nodes[2].operator == "camera.motion_gate")
        #expect(graph.edges.map(\.maxsize) == [2, 2, 8])
        #expect(graph.nodes[1].config == ["target_fps": .number(5)])
        #expect(
            graph.nodes[2].config == [
                "threshold": .number(0.01), "activation_frames": 2, "hold_seconds": .number(6), "emit_when_idle": false,
            ])
        let chosen = try motionWizard(["motion_sensitivity": 1, "motion_hold_seconds": 0, "fps_limit": 10])
            .graph(cameraID: "c1")
        #expect(chosen.nodes[1].config == ["target_fps": .number(10)])
        #expect(
            chosen.nodes[2].config["threshold"] == .number(1) && chosen.nodes[2].config["hold_seconds"] == .number(0))
        #expect(throws: Never.self) { try Pipeline(json: Pipeline(name: "x", graph: graph).json) }
        let garage = try Transmission(json: ["id": "t", "name": "Garage", "path": "garage"])
        #expect(try motionWizard([:]).pipelineName(for: garage, cameraID: "garage") == "garage__motion")
    }

    private func motionWizard(_ options: JSONValue) throws -> WizardRequest {
        try WizardRequest(json: [
            "transmission_id": "t", "camera_id": "c", "preset_id": "motion_gate_stream", "optional_parameters": options,
        ])
    }

    @Test("sensitivity and hold have limits")
    func motionLimits() {
        for (options, sentence) in [
            (["motion_sensitivity": 0], "greater than 0.0"), (["motion_sensitivity": 1.1], "less than or equal to 1.0"),
            (["motion_hold_seconds": -1], "greater than or equal to 0.0"),
            (["motion_hold_seconds": 121], "less than or equal to 120.0"),
            (["motion_sensitivity": "nan"], "valid number"),
        ] as [(JSONValue, String)] {
            let error = #expect(throws: ValidationError.self) { try motionWizard(options) }
            #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "accepted"): \(sentence)")
        }
    }

    @Test("the detection preset has the contract's graph")
    func detectionPreset() throws {
        func nodes(_ options: JSONValue) throws -> [PipelineNode] {
            try WizardRequest(json: [
                "transmission_id": "t", "camera_id": "c", "preset_id": "detection_stream",
                "optional_parameters": options,
            ]).graph(cameraID: "c1").nodes
        }
        let plain = try nodes([:])
        #expect(plain.map(\.id) == ["source", "detect", "stream"])
        #expect(
            plain[1].config == [
                "model_id": "rfdetr_det_medium", "categories": [], "confidence_threshold": 0.55, "emit_mode": "events",
            ])
        let chosen = try nodes([
            "fps_limit": 2, "yolo_confidence_threshold": 0.3, "yolo_filter_enabled": false,
            "detection_categories": ["Person", " car ", "person", ""],
        ])
        #expect(chosen.map(\.id) == ["source", "fps", "detect", "stream"])
        #expect(
            chosen[2].config == [
                "model_id": "rfdetr_det_medium", "categories": ["person", "car"], "confidence_threshold": 0.3,
                "emit_mode": "annotate",
            ])
        #expect(throws: ValidationError.self) { try nodes(["yolo_confidence_threshold": 0]) }
    }

    @Test("the tracking preset has the contract's graph")
    func trackingPreset() throws {
        func graph(_ options: JSONValue) throws -> PipelineGraph {
            try WizardRequest(json: [
                "transmission_id": "t", "camera_id": "c", "preset_id": "tracking_stream",
                "optional_parameters": options,
            ]).graph(cameraID: "c1")
        }
        let plain = try graph([:])
        #expect(plain.nodes.map(\.id) == ["source", "detect", "track", "stream"])
        #expect(plain.edges.map(\.maxsize) == [2, 2, 8])
        #expect(
            plain.nodes[1].config == [
                "model_id": "rfdetr_det_medium", "categories": [], "confidence_threshold": 0.55,
                "emit_mode": "annotate",
            ])
        #expect(plain.nodes[2].operator == "vision.track")
        #expect(
            plain.nodes[2].config == [
                "tracker_id": "simple_iou_kalman", "close_after_seconds": .number(5), "emit_mode": "events",
            ])
        #expect(throws: Never.self) { try Pipeline(json: Pipeline(name: "x", graph: plain).json) }
        let chosen = try graph([
            "fps_limit": 2, "yolo_filter_enabled": false, "tracking_categories": ["Person", "person"],
            "detection_categories": ["car"],
        ]).nodes
        #expect(chosen.map(\.id) == ["source", "fps", "detect", "track", "stream"])
        #expect(chosen[2].config["categories"] == ["person"] && chosen[3].config["emit_mode"] == "annotate")
        #expect(try graph(["detection_categories": ["car"]]).nodes[1].config["categories"] == ["car"])
        let door = try Transmission(json: ["id": "t", "name": "Front Door Stream", "path": "front-door"])
        let request = try WizardRequest(json: [
            "transmission_id": "t", "camera_id": "c", "preset_id": "tracking_stream",
        ])
        #expect(request.pipelineName(for: door, cameraID: "cam-1") == "front_door__cam_1__tracking")
    }

    @Test("a tracker has the reference's settings")
    func visionTrackConfig() throws {
        func config(_ config: JSONValue) throws -> VisionTrackConfig {
            let graph = try pipeline(
                [source, node("d", "vision.detect"), node("t", "vision.track", config), sink],
                [edge("s", "d"), edge("d", "t"), edge("t", "k")]
            ).graph
            return VisionTrackConfig(of: graph.nodes[2])
        }
        let plain = try config([:])
        #expect(plain.method == .simpleIoUKalman && plain.emitMode == .events && plain.closeAfter == .seconds(4))
        #expect(plain.pausesWithGate && plain.longestPause == .seconds(900))
        #expect(plain.interval(of: "person") == .seconds(0.2))
        let full = try config([
            "tracker_id": "byte_track", "emit_mode": "annotate", "close_after_seconds": 0.05,
            "pause_when_gate_closed": false, "max_paused_seconds": 0, "default_interval_seconds": 1,
            "category_intervals_seconds": [" Person ": 0.5, "car": nil], "use_world_anchor": false,
        ])
        #expect(full.method == .byteTrack && full.emitMode == .annotate && full.closeAfter == .milliseconds(50))
        #expect(!full.pausesWithGate && full.longestPause == nil)
        #expect(full.interval(of: "Person") == .seconds(0.5) && full.interval(of: "car") == .seconds(1))
        let many = JSONValue.object(
            Dictionary(uniqueKeysWithValues: (0...256).map { ("label \($0)", JSONValue.integer(1)) }))
        for wrong in [
            ["tracker_id": "norfair"], ["emit_mode": "all"], ["close_after_seconds": 0], ["close_after_seconds": 301],
            ["max_paused_seconds": 86_401], ["default_interval_seconds": -1], ["iou_threshold": 0.3],
            ["category_intervals_seconds": ["person": "x"]], ["category_intervals_seconds": [1]],
            ["category_intervals_seconds": many],
        ] as [JSONValue] {
            #expect(throws: ValidationError.self) { try config(wrong) }
        }
    }

    @Test("a tracker needs one detector before it, and is the only one")
    func trackerWithoutDetector() throws {
        let (detector, tracker) = (node("d", "vision.detect"), node("t", "vision.track"))
        for (nodes, way) in [
            ([tracker], ["s", "t", "k"]), ([tracker, detector], ["s", "t", "d", "k"]),
            ([detector, tracker, node("u", "vision.track")], ["s", "d", "t", "u", "k"]),
        ] {
            let edges = zip(way, way.dropFirst()).map { edge($0, $1) }
            let error = #expect(throws: ValidationError.self) { try pipeline([source] + nodes + [sink], edges) }
            #expect(error?.description.contains("follows what a vision.detect finds") == true, "\(way)")
        }
        let reducer = node("f", "core.fps_reducer", ["target_fps": 5.0])
        _ = try pipeline(
            [source, detector, reducer, tracker, sink],
            [edge("s", "d"), edge("d", "f"), edge("f", "t"), edge("t", "k")])
    }

    @Test("a detector has the reference's settings")
    func visionDetectConfig() throws {
        func config(_ config: JSONValue) throws -> VisionDetectConfig {
            let graph = try pipeline(
                [source, node("d", "vision.detect", config), sink], [edge("s", "d"), edge("d", "k")]
            ).graph
            return VisionDetectConfig(of: graph.nodes[1])
        }
        let plain = try config([:])
        #expect(plain.modelID.isEmpty && plain.emitMode == .annotate && plain.categories.isEmpty)
        #expect(plain.confidenceThreshold == 0.4 && plain.overlapThreshold == 0.6 && plain.objectLimit == 32)
        #expect(plain.interval == .zero)
        let full = try config([
            "model_id": " yolox_s ", "emit_mode": "events", "categories": "Person, dog", "confidence_threshold": 1,
            "iou_threshold": 0, "max_objects_per_frame": 512, "inference_interval_seconds": 1.5,
            "input_with_fallback": "treated,original", "fallback_to_stream_frame": true,
        ])
        #expect(full.modelID == "yolox_s" && full.emitMode == .events && full.categories == ["person", "dog"])
        #expect(full.confidenceThreshold == 1 && full.overlapThreshold == 0 && full.objectLimit == 512)
        #expect(full.interval == .milliseconds(1500))
        for wrong in [
            ["emit_mode": "all"], ["confidence_threshold": 1.1], ["iou_threshold": -0.1], ["max_objects_per_frame": 0],
            ["inference_interval_seconds": 61], ["overlay": true], ["categories": 1],
        ] as [JSONValue] {
            #expect(throws: ValidationError.self) { try config(wrong) }
        }
    }

    private func gate(_ config: JSONValue) throws -> MotionGateConfig {
        let graph = try pipeline(
            [source, node("m", "camera.motion_gate", config), sink], [edge("s", "m"), edge("m", "k")]
        ).graph
        return MotionGateConfig(of: graph.nodes[1])
    }

    @Test("a motion gate has the reference's settings")
    func motionGateConfig() throws {
        let plain = try gate([:])
        #expect(plain.threshold == 0.01 && plain.hold == .seconds(2.5) && plain.activationFrames == 1)
        #expect(!plain.emitWhenIdle && plain.mask == nil)
        let masked = try gate([
            "threshold": "0.2", "hold_seconds": 120, "activation_frames": 100, "emit_when_idle": true,
            "mask_enabled": true, "mask_mode": "exclude", "mask_brush_diameter01": 0.25,
            "mask_strokes": [
                ["op": "paint", "points01": [[0, 1], ["x": 0.5, "y": 2]]], ["op": "erase", "points01": []],
                ["points01": nil],
            ],
            "input_with_fallback": "segmented,treated,original", "fallback_to_stream_frame": true,
        ])
        #expect(masked.threshold == 0.2 && masked.hold == .seconds(120) && masked.emitWhenIdle)
        #expect(
            masked.mask
                == MotionMask(
                    mode: .exclude, diameter: 0.25,
                    strokes: [
                        .init(operation: .paint, points: [.init(x: 0, y: 1), .init(x: 0.5, y: 1)]),
                        .init(operation: .erase, points: []), .init(operation: .paint, points: []),
                    ]))
    }

    @Test("wrong settings of a motion gate are refused with a sentence")
    func motionGateRefusals() {
        let point: JSONValue = [0.5, 0.5]
        let cases: [(JSONValue, String)] = [
            (["threshold": 1.5], "less than or equal to 1.0"), (["hold_seconds": 121], "less than or equal to 120.0"),
            (["activation_frames": 0], "greater than or equal to 1"), (["mask_mode": "both"], "'include' or 'exclude'"),
            (["mask_brush_diameter01": 0.3], "less than or equal to 0.25"), (["sensitivity": 1], "Extra inputs"),
            (["mask_strokes": [["op": "draw"]]], "'paint' or 'erase'"),
            (["mask_strokes": [["points01": [[1]]]]], "each [x, y]"),
            (["mask_strokes": [["points01": [["1", 1]]]]], "each [x, y]"),
            (["mask_strokes": [["points01": [[.number(.infinity), 1]]]]], "each [x, y]"),
            (["mask_strokes": [["points01": "all"]]], "each [x, y]"),
            (["mask_strokes": .array([JSONValue](repeating: [:], count: 1025))], "at most 1024 items, not 1025"),
            (
                ["mask_strokes": [["points01": .array([JSONValue](repeating: point, count: 50_001))]]],
                "at most 50000 points, not 50001"
            ),
        ]
        for (config, sentence) in cases {
            let error = #expect(throws: ValidationError.self) { try gate(config) }
            #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "accepted"): \(sentence)")
        }
    }

    @Test("presets that do not exist yet say so")
    func unavailablePreset() {
        let error = #expect(throws: ValidationError.self) {
            try WizardRequest(json: ["transmission_id": "t", "camera_id": "c", "preset_id": "segmentation_stream"])
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

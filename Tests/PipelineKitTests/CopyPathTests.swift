import StreamModel
import Testing

@testable import PipelineKit

@Suite struct CopyPathTests {
    private static func pipeline(
        _ id: String = "p", steps: [(String, JSONValue)] = [], bypass: String = "auto", camera: String = "c"
    ) throws -> Pipeline {
        var nodes: [JSONValue] = [
            ["id": "source", "operator": "camera.source", "config": ["camera_id": .string(camera)]]
        ]
        for (index, step) in steps.enumerated() {
            nodes.append(["id": .string("s\(index)"), "operator": .string(step.0), "config": step.1])
        }
        nodes.append([
            "id": "stream", "operator": "stream.publish_video",
            "config": ["transmission_id": "t", "bypass_mode": .string(bypass), "writer_priority": 3],
        ])
        let ids = ["source"] + steps.indices.map { "s\($0)" } + ["stream"]
        let edges: [JSONValue] = zip(ids, ids.dropFirst()).map {
            ["from": ["node": .string($0)], "to": ["node": .string($1)]]
        }
        return try Pipeline(json: [
            "id": .string(id), "name": .string(id), "nodes": .array(nodes), "edges": .array(edges),
        ])
    }

    private func path(_ pipelines: [Pipeline], url: String = "rtsp://10.0.0.1/1") throws -> CopyPath {
        let camera = CameraSettings(try Camera(json: ["id": "c", "name": "C", "url": .string(url)]))
        return CopyPath(to: "t", pipelines: pipelines, cameras: ["c": camera])
    }

    @Test func aCameraThatOnlyPublishesIsDirect() throws {
        #expect(
            try path([Self.pipeline()]).route
                == CopyRoute(
                    cameraID: "c", pipelineID: "p", writerID: "p:stream", priority: 3, reducerFPS: nil, isForced: false
                ))
    }

    @Test func theLeastReducerCounts() throws {
        let reducers = [10.0, 5.0, 25.0].map { ("core.fps_reducer", ["target_fps": .number($0)] as JSONValue) }
        #expect(try path([Self.pipeline(steps: reducers)]).route?.reducerFPS == 5)
    }

    @Test func bypassModes() throws {
        #expect(try path([Self.pipeline(bypass: "force_on")]).route?.isForced == true)
        #expect(
            try path([Self.pipeline(bypass: "force_off")])
                == .none(
                    CodedMessage("copy_forced_off", "the pipeline's bypass_mode is force_off")))
    }

    @Test func aMotionGateNeedsThePictures() throws {
        let gate: (String, JSONValue) = ("camera.motion_gate", ["emit_when_idle": true])
        for steps in [[gate], [("core.fps_reducer", [:]), gate], [gate, ("core.fps_reducer", [:])]] {
            #expect(
                try path([Self.pipeline(steps: steps, bypass: "force_on")])
                    == .none(CodedMessage("copy_motion_gate", "the pipeline looks for motion in the pictures")))
        }
    }

    @Test func anythingElseIsNotDirect() throws {
        #expect(try path([]).route == nil)
        #expect(try path([Self.pipeline("p"), Self.pipeline("q")]).route == nil)
        #expect(try path([Self.pipeline(camera: "another")]).route == nil)
        #expect(try path([Self.pipeline()], url: "demo:").route == nil)
    }
}

import Foundation
import StreamModel
import Testing

@testable import PipelineKit

@Suite struct IslandPlanTests {
    private static func camera(_ id: String, url: String = "rtsp://10.0.0.1/1", name: String = "C") throws -> Camera {
        try Camera(json: ["id": .string(id), "name": .string(name), "url": .string(url)])
    }

    private static func pipeline(
        _ id: String, camera: String, transmission: String, run: String = "on_demand", enabled: Bool = true
    ) throws -> Pipeline {
        try Pipeline(json: [
            "id": .string(id), "name": .string(id), "run": .string(run), "enabled": .bool(enabled),
            "nodes": [
                ["id": "source", "operator": "camera.source", "config": ["camera_id": .string(camera)]],
                [
                    "id": "stream", "operator": "stream.publish_video",
                    "config": ["transmission_id": .string(transmission)],
                ],
            ],
            "edges": [["from": ["node": "source"], "to": ["node": "stream"]]],
        ])
    }

    private static func rendition(_ id: String, of transmission: String, fps: Int = 25, port: Int = 1) -> RenditionSpec
    {
        RenditionSpec(
            id: id, transmissionID: transmission, encoding: Encoding(width: 640, height: 360, fps: fps),
            targets: [PublishTarget(path: id, host: "127.0.0.1", port: port, username: "u", password: "p")])
    }

    private func configuration() throws -> WorkerConfiguration {
        WorkerConfiguration(
            cameras: [try Self.camera("c1"), try Self.camera("c2"), try Self.camera("unused")],
            pipelines: [
                try Self.pipeline("p1", camera: "c1", transmission: "t1"),
                try Self.pipeline("p2", camera: "c2", transmission: "t2"),
            ],
            transmissions: try ["t1", "t2"].map {
                try Transmission(json: ["id": .string($0), "name": "T", "path": .string($0)])
            },
            renditions: [Self.rendition("t1:a", of: "t1"), Self.rendition("t2:b", of: "t2")])
    }

    @Test func onlyWhatIsWantedRuns() throws {
        let configuration = try configuration()
        let idle = IslandPlan(configuration, demand: [])
        #expect(idle.cameras.isEmpty && idle.pipelines.isEmpty && idle.renditions.isEmpty)
        let watched = IslandPlan(configuration, demand: ["t1:a", "nonsense"])
        #expect(Set(watched.cameras.keys) == ["c1"])
        #expect(Set(watched.pipelines.keys) == ["p1"])
        #expect(Set(watched.renditions.keys) == ["t1:a"])
    }

    @Test func aStillNeedsTheCameraButNoEncoder() throws {
        let plan = IslandPlan(try configuration(), demand: [], pictured: ["t1", "gone"])
        #expect(plan.renditions.isEmpty)
        #expect(Set(plan.pipelines.keys) == ["p1"] && Set(plan.cameras.keys) == ["c1"])
    }

    @Test func aPipelineThatAlwaysRunsNeedsNobody() throws {
        var configuration = try configuration()
        configuration.pipelines[1] = try Self.pipeline("p2", camera: "c2", transmission: "t2", run: "always")
        let plan = IslandPlan(configuration, demand: [])
        #expect(Set(plan.cameras.keys) == ["c2"])
        #expect(plan.renditions.isEmpty)
        configuration.pipelines[1].enabled = false
        #expect(IslandPlan(configuration, demand: ["t2:b"]).pipelines.isEmpty)
    }

    @Test func whatIsEqualGoesOn() throws {
        let before = IslandPlan(try configuration(), demand: ["t1:a", "t2:b"])
        var changed = try configuration()
        // A new name, the time of the change and an unknown field do not matter to whoever reads the camera.
        changed.cameras[0] = try Self.camera("c1", name: "Renamed")
        changed.pipelines[0].updatedAt += 60
        let after = IslandPlan(changed, demand: ["t1:a", "t2:b"])
        let cameras = PlanDifference(from: before.cameras, to: after.cameras, isSame: ==)
        #expect(cameras.stopped.isEmpty && cameras.started.isEmpty)
        let pipelines = PlanDifference(from: before.pipelines, to: after.pipelines, isSame: ==)
        #expect(pipelines.stopped.isEmpty && pipelines.started.isEmpty)
    }

    @Test func whatChangedIsReplacedAlone() throws {
        let before = IslandPlan(try configuration(), demand: ["t1:a", "t2:b"])
        var changed = try configuration()
        changed.cameras[0] = try Self.camera("c1", url: "rtsp://10.0.0.2/1")
        changed.pipelines[1].name = "other"
        let after = IslandPlan(changed, demand: ["t1:a"])
        let cameras = PlanDifference(from: before.cameras, to: after.cameras, isSame: ==)
        #expect(cameras.stopped == ["c1", "c2"])
        #expect(Set(cameras.started.keys) == ["c1"])
        let pipelines = PlanDifference(from: before.pipelines, to: after.pipelines, isSame: ==)
        #expect(pipelines.stopped == ["p2"])
        #expect(pipelines.started.isEmpty)
    }

    @Test func aPipelineIsJoinedAnewWhenItsTransmissionAppears() throws {
        var configuration = try configuration()
        configuration.pipelines[0] = try Self.pipeline("p1", camera: "c1", transmission: "t1", run: "always")
        let transmissions = configuration.transmissions
        configuration.transmissions = []
        let before = IslandPlan(configuration, demand: [])
        configuration.transmissions = transmissions
        let after = IslandPlan(configuration, demand: [])
        let pipelines = PlanDifference(from: before.pipelines, to: after.pipelines, isSame: ==)
        #expect(pipelines.stopped == ["p1"])
        #expect(Set(pipelines.started.keys) == ["p1"])
    }
}

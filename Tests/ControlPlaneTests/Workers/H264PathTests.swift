import EngineContract
import StreamModel
import Testing

@testable import ControlPlane

/// What runs for viewers by WebRTC who can't play a camera's H.265, beside what the others get.
@Suite struct H264PathTests {
    private static let secret: [UInt8] = Array(0...31)
    private static let outputs: JSONValue = [["id": "w", "protocol": "webrtc"], ["id": "r", "protocol": "rtsp"]]

    private func renditions(
        _ outputs: JSONValue, destinations: JSONValue = [], engine: EngineKind = .builtin, isCopyForced: Bool = false
    ) throws -> [RenditionSpec] {
        let transmission = try Transmission(
            json: ["id": "t", "path": "door", "outputs": outputs, "destinations": destinations])
        return WorkerPlan.renditions(
            of: transmission, rtspPort: 8554, publishSecret: Self.secret, engine: engine, isCopyForced: isCopyForced)
    }

    @Test func theyHaveARenditionOfTheirOwn() throws {
        let specs = try renditions(Self.outputs)
        #expect(specs.map(\.id) == ["t:door", "t:door.h264"])
        #expect(specs.map(\.webRTC) == [.takersOfH265, .rest])
        #expect(specs.map(\.encoding.video.codec) == [nil, .h264])
        let target = try #require(specs[1].targets.first)
        let credentials = PublishCredentials(path: "door.h264", secret: Self.secret)
        #expect(target.path == "door.h264" && target.username == credentials.username)
        #expect(target.password == credentials.password && target.sound.protocols == [.webrtc])
        let plan = IslandPlan(
            island: Island(),
            configuration: WorkerConfiguration(cameras: [], pipelines: [], transmissions: [], renditions: specs),
            runsAlways: false)
        #expect(plan.renditions(feeding: ["door"]) == ["t:door"])
        #expect(plan.renditions(feeding: ["door.h264"]) == ["t:door.h264"])
    }

    @Test func outputsThatDifferInAccessShareIt() throws {
        let specs = try renditions([
            ["id": "a", "protocol": "webrtc"],
            [
                "id": "b", "protocol": "webrtc",
                "authentication": ["enabled": true, "username": "ana", "password": "hunter2!"],
            ],
        ])
        #expect(specs.map { $0.targets.map(\.path) } == [["door-a", "door-b"], ["door-a.h264", "door-b.h264"]])
    }

    @Test func withMediaMTXOrByHLSNothingIsSetApart() throws {
        #expect(try renditions(Self.outputs, engine: .mediamtx).map(\.webRTC) == [.everybody])
        let withHLS: JSONValue = [["id": "w", "protocol": "webrtc"], ["id": "h", "protocol": "hls"]]
        #expect(try renditions(withHLS).map(\.webRTC) == [.everybody])
        #expect(try renditions(withHLS, isCopyForced: true).map(\.webRTC) == [.takersOfH265, .rest])
    }

    /// Viewers would notice that one is switched on.
    @Test func aDestinationIsNotSentWhatMayBeH265() throws {
        let destinations: JSONValue = [
            ["id": "a", "kind": "rtmp", "address": "rtmp://host/app", "active": true]
        ]
        let specs = try renditions(Self.outputs, destinations: destinations)
        #expect(specs.map(\.id) == ["t:door", "t:push:a", "t:door.h264"])
        #expect(specs.map(\.destinations.count) == [0, 1, 0])
        // Where all is H.264, it is.
        let shared = try renditions(Self.outputs, destinations: destinations, engine: .mediamtx)
        #expect(shared.map(\.destinations.count) == [1])
    }

    private func stored(
        bypassMode: String = "auto", outputs: JSONValue = H264PathTests.outputs
    ) throws -> StoredConfiguration {
        var stored = StoredConfiguration()
        stored.cameras = [try Sample.camera("cam")]
        stored.transmissions = [try Sample.transmission("t", path: "door", outputs: outputs)]
        stored.pipelines = [
            try Pipeline(json: [
                "id": "p", "name": "p",
                "nodes": [
                    ["id": "source", "operator": "camera.source", "config": ["camera_id": "cam"]],
                    [
                        "id": "sink", "operator": "stream.publish_video",
                        "config": ["transmission_id": "t", "bypass_mode": .string(bypassMode)],
                    ],
                ],
                "edges": [["from": ["node": "source"], "to": ["node": "sink"]]],
            ])
        ]
        return stored
    }

    private func configuration(_ stored: StoredConfiguration, _ engine: EngineKind = .builtin) -> EngineConfiguration {
        EngineConfigurationBuilder(
            apiUser: "us", apiPassword: Secret("secret"), reader: .random(), publishSecret: Self.secret,
            demandHook: "hook"
        ).configuration(
            for: EngineGoal(stored),
            ports: PortAssignment(
                ports: EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997), rtp: 50000, warnings: []),
            engine: engine)
    }

    @Test func theEngineHasAPathForIt() throws {
        let result = configuration(try stored())
        #expect(result.paths["door.h264"] == result.paths["door"])
        let mayRead = result.authInternalUsers.filter { user in
            user.permissions.contains(AuthPermission(action: .read, path: "door.h264"))
        }
        #expect(mayRead.map(\.user) == [AuthInternalUser.anyone])
        let credentials = PublishCredentials(path: "door.h264", secret: Self.secret)
        #expect(result.authInternalUsers.contains { $0.user == credentials.username })
        #expect(configuration(try stored(), .mediamtx).paths["door.h264"] == nil)
    }

    @Test func whoMayReadThePathMayReadThat() throws {
        let outputs: JSONValue = [
            [
                "id": "w", "protocol": "webrtc",
                "authentication": ["enabled": true, "username": "ana", "password": "hunter2!"],
            ]
        ]
        let users = configuration(try stored(outputs: outputs)).authInternalUsers
        let permission = AuthPermission(action: .read, path: "door.h264")
        let readers = users.filter { $0.permissions.contains(permission) }
        #expect(readers.count == 1 && readers[0].user != AuthInternalUser.anyone)
        #expect(readers[0].permissions.contains(AuthPermission(action: .read, path: "door")))
    }

    @Test func onABadLineItGoesToThatOfTheLowerOne() throws {
        let outputs: JSONValue = [
            ["id": "a", "protocol": "webrtc"],
            ["id": "b", "protocol": "webrtc", "resolution": ["width": 640, "height": 360]],
            ["id": "c", "protocol": "webrtc", "resolution": ["width": 320, "height": 180], "keyframe_interval": 50],
        ]
        let result = configuration(try stored(outputs: outputs))
        // Where our own encoder is needed, all is H.264 anyway.
        #expect(
            result.paths.compactMapValues(\.webrtcLowerPath) == [
                "door-a": "door-b", "door-a.h264": "door-b.h264", "door-b": "door-c", "door-b.h264": "door-c",
            ])
        let mediaMTX = configuration(try stored(outputs: outputs), .mediamtx)
        #expect(mediaMTX.paths.values.allSatisfy { $0.webrtcLowerPath == nil })
    }

    /// Whoever watches the path itself is not disturbed.
    @Test func thatH265IsForcedAddsThePathAlone() throws {
        let outputs: JSONValue = [["id": "w", "protocol": "webrtc"], ["id": "h", "protocol": "hls"]]
        let before = configuration(try stored(outputs: outputs))
        let after = configuration(try stored(bypassMode: "force_on", outputs: outputs))
        #expect(before.paths["door.h264"] == nil && after.paths["door.h264"] != nil)
        #expect(after.paths["door"] == before.paths["door"])
    }

    @Test func anOutputTellsOfWhatRunsForIt() throws {
        let stored = try stored()
        let plan = try #require(WorkerPlan(stored, rtspPort: 8554, publishSecret: Self.secret).islands.first)
        var state = WorkerState(of: plan.configuration)
        var status = RenditionStatus(id: "t:door.h264", state: .live)
        status.codec = "libx264"
        status.sounds = ["door.h264": []]
        state.take(.rendition(status))
        let viewers = ["door.h264": ViewerCounts(readers: [ControlAPI.Endpoint(type: "webRTCSession", id: "1")])]
        func outputs(_ state: WorkerState) -> [RuntimeOutput] {
            RuntimeReporter(
                stored: stored, engine: .running, ports: nil, demand: ["door": .leaving, "door.h264": .watched],
                viewers: viewers, workers: [(plan, state)]
            ).outputs
        }
        let alone = outputs(state)
        #expect(alone.map(\.outputID) == ["r", "w"])
        #expect(alone.map(\.viewerCount) == [0, 1])
        #expect(alone.map(\.publisherRunning) == [false, true])
        #expect(alone[1].publisherActiveCodec == "libx264")
        // Where both run, it is what most get that is told of.
        status = RenditionStatus(id: "t:door", state: .live)
        status.codec = "copy"
        state.take(.rendition(status))
        #expect(outputs(state).map(\.publisherActiveCodec) == ["copy", "copy"])
    }
}

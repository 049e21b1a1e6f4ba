import StreamModel
import Testing

@testable import ControlPlane

@Suite struct IslandsTests {
    private func island(_ pipelines: Set<String>, _ transmissions: Set<String>) -> Island {
        Island(pipelineIDs: pipelines, transmissionIDs: transmissions)
    }

    @Test func pipelinesIntoOneTransmissionAreOneIsland() throws {
        let islands = Island.islands(
            of: [try Sample.pipeline("p1", into: ["a"]), try Sample.pipeline("p2", into: ["a"])],
            [try Sample.transmission("a"), try Sample.transmission("b")])
        #expect(islands == [island(["p1", "p2"], ["a"]), island([], ["b"])])
    }

    @Test func aPipelineJoinsItsTransmissionsAndTheirPipelines() throws {
        let islands = Island.islands(
            of: [
                try Sample.pipeline("p1", into: ["a"]), try Sample.pipeline("p2", into: ["c"]),
                try Sample.pipeline("p3", into: ["a", "c"]),
            ],
            try ["a", "b", "c"].map { try Sample.transmission($0) })
        #expect(Set(islands) == [island(["p1", "p2", "p3"], ["a", "c"]), island([], ["b"])])
    }

    @Test func aPipelineWithoutATransmissionStandsAlone() throws {
        #expect(Island.islands(of: [try Sample.pipeline("p", into: ["gone"])], []) == [island(["p"], [])])
    }

    @Test func aWorkerGoesOnAsTheIslandWithMostInCommon() {
        let running = [island(["p1"], ["a", "b"]), island(["p2"], ["c"])]
        // The pipeline between a and b was removed, and one between b and c added.
        let wanted = [island([], ["a"]), island(["p2", "p3"], ["b", "c"])]
        #expect(Island.match(running: running, wanted: wanted) == [0, 1])
        #expect(Island.match(running: running, wanted: [island([], ["d"])]) == [nil])
        #expect(Island.match(running: [], wanted: wanted) == [nil, nil])
    }

    @Test func islandsAreFoundInTheOrderOfTheirTransmissions() throws {
        let transmissions = try (0..<200).map { try Sample.transmission("t\($0)") }
        // Each pipeline joins two neighbours of a hundred; the others stand alone.
        let pipelines = try (0..<50).map { try Sample.pipeline("p\($0)", into: ["t\(2 * $0)", "t\(2 * $0 + 1)"]) }
        let islands = Island.islands(of: pipelines.shuffled(), transmissions)
        #expect(islands.count == 150)
        for (number, island) in islands.prefix(50).enumerated() {
            #expect(island.pipelineIDs == ["p\(number)"])
            #expect(island.transmissionIDs == ["t\(2 * number)", "t\(2 * number + 1)"])
        }
        #expect(islands.dropFirst(50).map(\.name) == (100..<200).map { "t\($0)" })
        #expect(Island.match(running: islands, wanted: islands.reversed()) == Array((0..<150).reversed()))
    }

    @Test func eachWorkerGoesOnOnce() {
        let running = [island(["p"], ["a", "b"])]
        let wanted = [island([], ["a"]), island([], ["b"])]
        #expect(Island.match(running: running, wanted: wanted) == [0, nil])
    }
}

@Suite struct WorkerPlanTests {
    private let secret = [UInt8](0...31)

    @Test func equalEncodingsAreOneRendition() throws {
        let transmission = try Sample.transmission(
            "front-door", outputs: [["id": "h", "protocol": "hls"], ["id": "r", "protocol": "rtsp"]])
        let renditions = WorkerPlan.renditions(of: transmission, rtspPort: 8554, publishSecret: secret)
        #expect(renditions.map(\.id) == ["front-door:front-door"])
        let target = try #require(renditions.first?.targets.first)
        // Contract G, "Publish credentials".
        #expect(target.username == "pub_c3bbb75eb779" && target.password == "44e4b76bd5921a19a59bf80530908160")
        #expect(target.host == "127.0.0.1" && target.port == 8554 && target.path == "front-door")
    }

    @Test func outputsThatDifferOnlyInAccessShareTheEncoder() throws {
        let login: JSONValue = ["enabled": true, "username": "u", "password": "p"]
        let transmission = try Sample.transmission(
            "t",
            outputs: [
                ["id": "h", "protocol": "hls"], ["id": "r", "protocol": "rtsp", "authentication": login],
                ["id": "s", "protocol": "rtsp", "fps_limit": 5],
            ])
        let renditions = WorkerPlan.renditions(of: transmission, rtspPort: 1, publishSecret: secret)
        #expect(renditions.map { $0.targets.map(\.path) } == [["t-h", "t-r"], ["t-s"]])
    }

    @Test func outputsThatDifferInSoundShareTheEncoder() throws {
        let transmission = try Sample.transmission(
            "t", outputs: [["id": "h", "protocol": "hls"], ["id": "r", "protocol": "rtsp", "audio": "off"]])
        let renditions = WorkerPlan.renditions(of: transmission, rtspPort: 1, publishSecret: secret)
        #expect(renditions.map { $0.targets.map(\.path) } == [["t-h", "t-r"]])
        #expect(
            renditions.first?.targets.map(\.sound) == [PathSound(.auto, for: [.hls]), PathSound(.off, for: [.rtsp])])
    }

    /// What its viewers can be sent depends on all of them.
    @Test func aPathKnowsHowItsViewersReachIt() throws {
        let transmission = try Sample.transmission(
            "t",
            outputs: [
                ["id": "h", "protocol": "hls", "audio": "aac", "audio_bitrate_kbps": 48],
                ["id": "r", "protocol": "rtsp", "audio": "aac", "audio_bitrate_kbps": 48],
            ])
        let renditions = WorkerPlan.renditions(of: transmission, rtspPort: 1, publishSecret: secret)
        #expect(
            renditions.map { $0.targets.map(\.sound) } == [
                [PathSound(AudioSettings(.aac, bitrateKbps: 48), for: [.hls, .rtsp])]
            ])
    }

    @Test func aPathKnowsWhatItsEngineDoesNotDo() throws {
        var stored = StoredConfiguration()
        stored.transmissions = [try Sample.transmission("t", outputs: [["id": "h", "protocol": "hls"]])]
        stored.cameras = [try Sample.camera("cam")]
        stored.pipelines = [try Sample.pipeline("p", into: ["t"])]
        for (engine, leavesHoles) in [(EngineKind.builtin, false), (.mediamtx, true)] {
            let plan = WorkerPlan(stored, rtspPort: 1, publishSecret: secret, engine: engine)
            #expect(
                plan.islands.flatMap(\.configuration.renditions).flatMap(\.targets).map(\.sound)
                    == [PathSound(.auto, for: [.hls], leavesHoles: leavesHoles)])
        }
    }

    @Test func whatIsOffOrBrokenDoesNotRun() throws {
        var stored = StoredConfiguration()
        stored.transmissions = [try Sample.transmission("a"), try Sample.transmission("off", enabled: false)]
        stored.cameras = [try Sample.camera("cam")]
        var always = try Sample.pipeline("always", into: ["a"])
        always.run = .always
        var off = try Sample.pipeline("switched-off", into: ["a"])
        off.enabled = false
        stored.pipelines = [
            always, off, try Sample.pipeline("into-off", into: ["off"]),
            try Sample.pipeline("no-camera", camera: "gone", into: ["a"]),
        ]
        let islands = WorkerPlan(stored, rtspPort: 1, publishSecret: secret).islands
        #expect(islands.map(\.island) == [Island(pipelineIDs: ["always"], transmissionIDs: ["a"])])
        #expect(islands.first?.runsAlways == true)
        #expect(islands.first?.renditions(feeding: ["a", "other"]) == ["a:a"])
        #expect(islands.first?.renditions(feeding: ["other"]) == [])
    }
}

/// The figures of contract B.4 and of quality bar R2.
@Suite struct WorkerBackoffTests {
    @Test func theFirstCrashIsMendedAtOnceAndTheOthersWait() {
        var backoff = WorkerBackoff()
        let pauses = (0..<8).map { _ in backoff.recordFailure(ranFor: .seconds(1)) }
        #expect(
            pauses == [
                .zero, .milliseconds(600), .milliseconds(1200), .milliseconds(2400), .milliseconds(4800),
                .milliseconds(9600), .seconds(12), .seconds(12),
            ])
        #expect(backoff.recordFailure(ranFor: .seconds(30)) == .zero)
    }
}

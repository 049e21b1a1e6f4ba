import Foundation
import Logging
import StreamModel
import Testing

@testable import ControlPlane

/// The log of events as the API has it, over a real store.
@Suite("The log of events") struct EventLogTests {
    private let folder = TemporaryFolder()
    private let service: StreamingService

    init() throws {
        service = try StreamingService(
            StreamingServiceConfiguration(dataDirectory: folder.path, executable: "/bin/false"),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func write(_ count: Int, transmission: String? = nil) async throws {
        let log = SightingLog(database: await service.store.database)
        try await log.write(
            (1...count).map {
                Sighting(
                    id: $0, kind: .motion,
                    place: SightingPlace(
                        cameraID: "c", cameraName: "Yard", pipelineID: "p", pipelineName: "P",
                        transmissionID: transmission),
                    startedAtUnix: 1, endedAtUnix: 2, seenAtUnix: 2, score: 0.5)
            }, stills: [1: Data([0xff, 0xd8])])
    }

    @Test func aPageTellsWhereTheNextBegins() async throws {
        try await write(3)
        let first = try await service.eventLog(query: ["limit": "2"])
        #expect(first["events"]?.arrayValue?.compactMap { $0["id"]?.integerValue } == [3, 2])
        #expect(first["next_before"] == 2)
        let last = try await service.eventLog(query: ["limit": "2", "before": "2"])
        #expect(last["events"]?.arrayValue?.count == 1 && last["next_before"] == .null)
        #expect(last["events"]?.arrayValue?.first?["camera_name"] == "Yard")
        try await service.clearEventLog()
        #expect(try await service.eventLog(query: [:])["events"] == [])
    }

    @Test func aPictureAsksForWhatThatOfItsTransmissionAsksFor() async throws {
        let made = try await service.createTransmission([
            "name": "A", "path": "a",
            "outputs": [
                [
                    "id": "r", "protocol": "rtsp",
                    "authentication": ["enabled": true, "username": "u", "password": "p"],
                ]
            ],
        ]).value
        try await write(2, transmission: made.id)
        func still(_ id: String, _ credentials: ReadCredentials? = nil) async throws -> Data {
            try await service.eventStill(id: id, credentials: credentials, address: "10.0.0.1")
        }
        await #expect(throws: ControlPlaneError.self) { try await still("1") }
        await #expect(throws: ControlPlaneError.self) {
            try await still("1", ReadCredentials(username: "u", password: Secret("x")))
        }
        #expect(try await still("1", ReadCredentials(username: "u", password: Secret("p"))) == Data([0xff, 0xd8]))
        for none in ["2", "99", "x", "-1"] {
            let error = await #expect(throws: ControlPlaneError.self) { try await still(none) }
            guard case .notFound = error else { throw ControlPlaneError.cameraNotFound }
        }
    }

    @Test func onlyStepsThatThereAreHaveAPlace() async throws {
        let made = try await service.createTransmission([
            "name": "A", "path": "a", "outputs": [["id": "h", "protocol": "hls"]],
        ]).value
        let camera = try await service.createCamera(["name": "Yard", "url": "demo:"]).value
        let pipeline = try await service.createPipeline(
            Sample.pipelineBody("P", camera: camera.id, into: [made.id])
        ).value
        let stored = await service.store.current
        func place(_ pipeline: String, _ node: String, _ camera: String) -> SightingPlace? {
            stored.place(
                of: Observation.Source(pipelineID: pipeline, nodeID: node, cameraID: camera))
        }
        let found = try #require(place(pipeline.id, "source", camera.id))
        #expect(found.cameraName == "Yard" && found.pipelineName == "P" && found.transmissionID == made.id)
        #expect(place(pipeline.id, "x", camera.id) == nil)
        #expect(place("x", "source", camera.id) == nil)
        #expect(place(pipeline.id, "source", "x") == nil)
    }

    @Test func followersHearOfIt() async throws {
        let follower = try await service.followState(as: .viewer, from: "")
        #expect(follower.news(since: 0)?.json["events"]?["open"] == [])
    }
}

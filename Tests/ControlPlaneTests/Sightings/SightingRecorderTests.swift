import Foundation
import Logging
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// The recorder with a real store, whose pictures are made up.
@Suite("Recording what is seen", .timeLimit(.minutes(5))) struct SightingRecorderTests {
    /// Other tests that begin at the same time keep all cores busy for most of a minute.
    private static let patience: Duration = .seconds(120)

    private let folder = TemporaryFolder()
    private let store: ConfigurationStore
    private let recorder: SightingRecorder

    init() throws {
        store = try ConfigurationStore(path: folder.path + "/store.sqlite")
        recorder = SightingRecorder(
            database: store.database, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            settings: { EventSettings() },
            place: {
                $0.cameraID == "gone"
                    ? nil
                    : SightingPlace(
                        cameraID: $0.cameraID, cameraName: "Yard", pipelineID: $0.pipelineID, pipelineName: "P",
                        transmissionID: "t")
            }, onChange: {})
    }

    private func motion(_ active: Bool, score: Double = 0.5, camera: String = "yard") -> FindingReport {
        FindingReport(
            pipelineID: "p", nodeID: "gate", cameraID: camera, atUnix: 0,
            findings: PictureFindings(
                motion: MotionFinding(active: active, score: score, boxes: [], isHeld: false)))
    }

    /// Waits until the log is as it is to be.
    private func log(_ fits: ([Sighting]) -> Bool) async throws -> [Sighting] {
        let query = try SightingQuery([:])
        var found: [Sighting] = []
        let fitted = try await eventually(within: Self.patience) {
            found = try await recorder.sightings(query)
            return fits(found)
        }
        try #require(fitted, "\(found)")
        return found
    }

    @Test func whatMovesIsWrittenDownWithItsPicture() async throws {
        let running = Task {
            await recorder.run { transmission, pipeline in Data("\(transmission) \(pipeline)".utf8) }
        }
        defer { running.cancel() }
        recorder.take(motion(true, camera: "gone"))
        recorder.take(motion(true))
        let begun = try await log { $0.first?.hasStill == true }
        #expect(begun.count == 1 && begun[0].endedAtUnix == nil)
        #expect(try await recorder.still(of: begun[0].id)?.jpeg == Data("t P".utf8))
        recorder.take(motion(false))
        _ = try await log { $0.first?.endedAtUnix != nil }
        #expect(await recorder.open.isEmpty)
        try await recorder.removeEnded()
        #expect(try await log { $0.isEmpty } == [])
        #expect(try await recorder.still(of: begun[0].id) == nil)
    }

    @Test func whatShowsBetterASecondLaterIsTakenAgain() async throws {
        let taken = Mutex(0)
        let running = Task {
            await recorder.run { _, _ in
                taken.withLock { taken in
                    taken += 1
                    return Data("\(taken)".utf8)
                }
            }
        }
        defer { running.cancel() }
        recorder.take(motion(true, score: 0.1))
        let begun = try await log { $0.first?.hasStill == true }
        recorder.take(motion(true, score: 0.9))
        #expect(
            try await eventually(within: Self.patience) {
                try await recorder.still(of: begun[0].id)?.jpeg == Data("2".utf8)
            })
    }

    @Test func theEndOfTheServerEndsWhatGoesOn() async throws {
        let running = Task { await recorder.run { _, _ in nil } }
        recorder.take(motion(true))
        _ = try await log { $0.count == 1 }
        running.cancel()
        await running.value
        await recorder.end()
        let found = try await log { _ in true }
        #expect(found.count == 1 && found[0].endedAtUnix != nil && !found[0].hasStill)
    }

    @Test func theEndOfAWorkerEndsIt() async throws {
        let running = Task { await recorder.run { _, _ in nil } }
        defer { running.cancel() }
        recorder.take(motion(true))
        _ = try await log { $0.count == 1 }
        recorder.ended(pipelines: ["other"])
        recorder.ended(pipelines: ["p"])
        _ = try await log { $0.first?.endedAtUnix != nil }
    }
}

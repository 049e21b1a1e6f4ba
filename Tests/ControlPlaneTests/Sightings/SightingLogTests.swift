import Foundation
import StreamModel
import Testing

@testable import ControlPlane

@Suite("The log of sightings") struct SightingLogTests {
    private let folder = TemporaryFolder()
    private let store: ConfigurationStore
    private let log: SightingLog

    init() throws {
        store = try ConfigurationStore(path: folder.path + "/store.sqlite")
        log = SightingLog(database: store.database)
    }

    private func sighting(
        _ id: Int, camera: String = "yard", label: String? = nil, started: Double = 1000, ended: Double? = 1010
    ) -> Sighting {
        Sighting(
            id: id, kind: label == nil ? .motion : .object, label: label,
            place: SightingPlace(
                cameraID: camera, cameraName: camera.capitalized, pipelineID: "p", pipelineName: "P",
                transmissionID: "t"),
            startedAtUnix: started, endedAtUnix: ended, seenAtUnix: ended ?? started, score: 0.5,
            box: PictureBox(left: 0.125, top: 0.25, right: 0.5, bottom: 1))
    }

    private func ids(_ query: JSONValue = [:]) async throws -> [Int] {
        try await log.sightings(try SightingQuery(query)).map(\.id)
    }

    @Test func whatIsWrittenIsRead() async throws {
        var written = sighting(1, label: "person")
        written.trackingID = "trk:yard:1-1"
        try await log.write([written], stills: [:])
        #expect(try await log.sighting(1) == written)
        try await log.write([], stills: [1: Data([0xff, 0xd8, 0xff, 1]), 2: Data([9])])
        #expect(try await log.sighting(1)?.hasStill == true)
        #expect(try await log.still(of: 1) == Data([0xff, 0xd8, 0xff, 1]))
        #expect(try await log.still(of: 2) == nil, "a picture of nothing is not kept")
        var better = written
        better.score = 0.75
        try await log.write([better], stills: [1: Data([2])])
        #expect(try await log.sighting(1)?.score == 0.75)
        #expect(try await log.still(of: 1) == Data([2]))
    }

    @Test func pagesAndFilters() async throws {
        try await log.write(
            (1...9).map {
                sighting($0, camera: $0 < 4 ? "yard" : "door", label: [nil, "person", "dog"][$0 % 3])
            }, stills: [:])
        #expect(try await ids(["limit": "3"]) == [9, 8, 7])
        #expect(try await ids(["limit": "3", "before": "7"]) == [6, 5, 4])
        #expect(try await ids(["after": "7"]) == [9, 8])
        #expect(try await ids(["camera": "yard"]) == [3, 2, 1])
        #expect(try await ids(["kind": "motion"]) == [9, 6, 3])
        #expect(try await ids(["label": "dog", "camera": "door"]) == [8, 5])
        #expect(try await ids(["label": "' OR TRUE --"]) == [])
        for wrong: JSONValue in [["limit": "0"], ["limit": "201"], ["before": "x"], ["kind": "car"], ["after": "-1"]] {
            #expect(throws: ControlPlaneError.self) { try SightingQuery(wrong) }
        }
    }

    @Test func whatWasOpenAtAStartIsOverAndNumbersGoOn() async throws {
        #expect(try await log.begin() == 1)
        var open = sighting(7, ended: nil)
        open.seenAtUnix = 1042
        try await log.write([open], stills: [:])
        #expect(try await log.begin() == 8)
        #expect(try await log.sighting(7)?.endedAtUnix == 1042)
        try await log.removeEnded()
        #expect(try await log.begin() == 8, "numbers are not given twice")
    }

    @Test func theOldestGoFirst() async throws {
        let day = 86400.0
        var settings = EventSettings()
        settings.keepDays = 2
        try await log.write(
            [
                sighting(1, started: 0, ended: 10), sighting(2, started: 0, ended: nil),
                sighting(3, started: 3 * day, ended: 3 * day),
            ], stills: [1: Data([1])])
        try await log.prune(settings, nowUnix: 3 * day)
        #expect(try await ids() == [3, 2], "what goes on stays")
        #expect(try await log.still(of: 1) == nil)
        settings.maximumCount = 100
        try await log.write((4...203).map { sighting($0, started: 3 * day, ended: 3 * day) }, stills: [:])
        try await log.prune(settings, nowUnix: 3 * day)
        #expect(
            try await log.sightings(try SightingQuery(["limit": "200"])).map(\.id) == Array((104...203).reversed()) + [
                2
            ])
    }

    @Test func picturesAreBoundedByTheirSize() async throws {
        var settings = EventSettings()
        settings.maximumMegabytes = 1
        let still = Data(count: 400 << 10)
        try await log.write((1...5).map { sighting($0) }, stills: [1: still, 2: still, 4: still, 5: still])
        try await log.prune(settings, nowUnix: 1010)
        #expect(try await ids() == [5, 4, 3])
    }

    @Test func settingsAreChecked() throws {
        for wrong: JSONValue in [
            ["keep_days": 0], ["keep_days": 400], ["max_count": 1], ["max_megabytes": 1], ["other": 1],
        ] {
            #expect(throws: ValidationError.self) { try StreamingSettings().patched(with: ["events": wrong]) }
        }
        #expect(try StreamingSettings().patched(with: ["events": ["keep_days": 30]]).events.keepDays == 30)
    }
}

import Foundation
import Logging
import StreamModel
import Testing

@testable import ControlPlane

@Suite struct BackupTests {
    private let folder = TemporaryFolder()

    private func service(_ name: String = "data") throws -> StreamingService {
        try StreamingService(
            StreamingServiceConfiguration(
                dataDirectory: folder.path + "/" + name, executable: "/bin/false",
                recentLog: { ["the camera said cam%20secret%2F1 and cam secret/1"] }),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private static let secrets = ["cam secret/1", "viewer-secret", "turn-secret", "query-secret", "hook-secret"]

    /// Two cameras, a transmission that asks for a password, a pipeline, a TURN server, a webhook whose address lets somebody in.
    private func setUp(_ service: StreamingService) async throws {
        _ = try await service.patchSettings([
            "engine": [
                "webrtc_ice_servers": [
                    ["url": "turn:turn.example.org", "username": "u", "password": "turn-secret"]
                ]
            ],
            "events": ["webhooks": [["url": "https://hooks.example.org/hook-secret?token=query-secret"]]],
        ])
        let camera = try await service.createCamera([
            "name": "Gate", "url": "rtsp://10.0.0.9/1", "username": "admin", "password": "cam secret/1",
        ]).value
        _ = try await service.createCamera(["name": "Yard", "url": "http://10.0.0.8/video?password=query-secret"])
        let transmission = try await service.createTransmission([
            "name": "Gate", "path": "gate",
            "outputs": [
                [
                    "id": "rtsp", "protocol": "rtsp",
                    "authentication": ["enabled": true, "username": "ana", "password": "viewer-secret"],
                ]
            ],
        ]).value
        _ = try await service.createPipelineFromWizard([
            "transmission_id": .string(transmission.id), "camera_id": .string(camera.id), "preset_id": "simple_stream",
        ])
    }

    private func configuration(_ service: StreamingService) async -> StoredConfiguration {
        var stored = await service.store.current
        stored.revision = 0
        return stored
    }

    @Test func withPasswordsAnEmptyServerBecomesTheSame() async throws {
        let (old, new) = (try service("old"), try service("new"))
        try await setUp(old)
        let backup = try await old.backup(query: ["secrets": "true"], productVersion: "1.2.3")
        #expect(backup["contains_secrets"] == true && backup["product_version"] == "1.2.3")
        let plan = try await new.restore(["backup": backup, "dry_run": true]).value.json
        #expect(plan["applied"] == false)
        #expect(plan["cameras"]?["added"] == ["Gate", "Yard"])
        #expect(plan["transmissions"]?["added"] == ["Gate"])
        #expect(plan["settings_changed"] == true)
        #expect(plan["notes"] == [])
        #expect(await configuration(new).isEmpty, "a dry run changes nothing")
        let done = try await new.restore(["backup": backup, "revision": plan["revision"] ?? .null]).value.json
        #expect(done["applied"] == true)
        let (restored, original) = (await configuration(new), await configuration(old))
        #expect(restored == original)
        let again = try await new.restore(["backup": backup, "dry_run": true]).value.json
        #expect(again["cameras"] == ["added": [], "changed": [], "removed": []])
        #expect(again["settings_changed"] == false)
    }

    @Test func withoutPasswordsNoneIsInItAndThoseThatAreStoredStay() async throws {
        let service = try service()
        try await setUp(service)
        let before = await configuration(service)
        let backup = try await service.backup(query: [:], productVersion: "1")
        let text = String(decoding: backup.data, as: UTF8.self)
        for secret in Self.secrets { #expect(!text.contains(secret), "\(secret)") }
        #expect(backup["contains_secrets"] == false)
        let camera = try #require(before.cameras.first)
        _ = try await service.updateCamera(
            id: camera.id, ["name": "Renamed", "url": "rtsp://10.0.0.9/1", "username": "admin"])
        let report = try await service.restore(["backup": backup]).value.json
        #expect(report["cameras"]?["changed"] == ["Gate"])
        #expect(report["notes"] == [])
        #expect(await configuration(service) == before)
    }

    @Test func withoutPasswordsAnotherServerLetsNobodyInWhoWasAskedForOne() async throws {
        let (old, new) = (try service("old"), try service("new"))
        try await setUp(old)
        let yard = try #require(await configuration(old).cameras.first { $0.name == "Yard" })
        _ = try await old.deleteCamera(id: yard.id)
        let backup = try await old.backup(query: [:], productVersion: "1")
        let report = try await new.restore(["backup": backup]).value.json
        let codes = report["notes"]?.arrayValue?.compactMap { $0["code"]?.stringValue }
        #expect(codes == ["transmissions_locked", "camera_passwords_missing"])
        #expect(await configuration(new).transmissions.map(\.enabled) == [false])
    }

    @Test(
        arguments: [
            [:], ["format": "other"], ["format": "toposync-streaming-backup", "format_version": 2],
            ["format": "toposync-streaming-backup", "format_version": 1],
        ] as [JSONValue])
    func whatIsNoBackupIsRefused(_ document: JSONValue) async throws {
        let service = try service()
        await #expect(throws: ControlPlaneError.self) { try await service.restore(["backup": document]) }
        await #expect(throws: ControlPlaneError.self) { try await service.restore(document) }
    }

    @Test func oneWrongFieldChangesNothingAndIsNamed() async throws {
        let service = try service()
        try await setUp(service)
        let before = await configuration(service)
        var backup = try #require(
            try await service.backup(query: ["secrets": "true"], productVersion: "1").objectValue)
        var cameras = try #require(backup["cameras"]?.arrayValue)
        cameras[1] = ["id": "x", "name": "", "url": "nonsense"]
        backup["cameras"] = .array(cameras)
        backup["transmissions"] = []
        let document = JSONValue.object(backup)
        let error = await #expect(throws: ControlPlaneError.self) {
            try await service.restore(["backup": document])
        }
        #expect(error?.description.contains("body.backup.cameras.1.url") == true, "\(String(describing: error))")
        #expect(await configuration(service) == before)
    }

    @Test func nothingIsRestoredOverWhatWasChangedSinceItWasSaid() async throws {
        let service = try service()
        let backup = try await service.backup(query: [:], productVersion: "1")
        let plan = try await service.restore(["backup": backup, "dry_run": true]).value.json
        try await setUp(service)
        let error = await #expect(throws: ControlPlaneError.self) {
            try await service.restore(["backup": backup, "revision": plan["revision"] ?? .null])
        }
        #expect(error?.description.hasPrefix("Something was changed meanwhile") == true)
        #expect(await !configuration(service).isEmpty)
    }

    @Test func transmissionsAreListedInTheOrderThatTheyWerePutInto() async throws {
        let service = try service()
        var ids: [String] = []
        for path in ["a", "b", "c"] {
            ids.append(
                try await service.createTransmission([
                    "name": .string(path), "path": .string(path), "group": " Garden ",
                ])
                .value.id)
        }
        func order() async throws -> String { try await service.transmissions().map(\.name).joined() }
        #expect(try await order() == "cba")
        _ = try await service.orderTransmissions(["transmission_ids": [.string(ids[1])]])
        #expect(try await order() == "bca")
        #expect(try await service.transmissions().map(\.group) == ["Garden", "Garden", "Garden"])
        for wrong in [["transmission_ids": ["nobody"]], ["transmission_ids": [1]], [:]] as [JSONValue] {
            await #expect(throws: ControlPlaneError.self) { try await service.orderTransmissions(wrong) }
        }
        #expect(try await order() == "bca")
    }

    @Test func theBundleOfDiagnosticsHoldsNoSecret() async throws {
        let service = try service()
        try await setUp(service)
        await service.store.record(kind: "worker", "A camera repeated viewer-secret and dHVybi1zZWNyZXQ=.")
        let bundle = await service.diagnosticsBundle(productVersion: "9.8.7")
        let path = folder.path + "/bundle.zip"
        try bundle.write(to: URL(filePath: path))
        let listing = try Self.run("/usr/bin/python3", "-c", Self.readArchive, path)
        for name in ["README.txt", "diagnostics.json", "configuration.json", "system.json", "logs/server.log"] {
            #expect(listing.contains("== toposync-diagnostics/\(name)"), "\(name)")
        }
        for secret in Self.secrets + ["cam%20secret%2F1", "dHVybi1zZWNyZXQ="] {
            #expect(!listing.contains(secret), "\(secret)")
        }
        #expect(listing.contains("9.8.7") && listing.contains("the camera said ••••"))
    }

    /// Another implementation reads it, and checks its checksums.
    private static let readArchive = """
        import json, sys, zipfile
        archive = zipfile.ZipFile(sys.argv[1])
        assert archive.testzip() is None
        for entry in archive.infolist():
            text = archive.read(entry).decode()
            if entry.filename.endswith(".json"): json.loads(text)
            print("==", entry.filename)
            print(text)
        """

    private static func run(_ program: String, _ arguments: String...) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}

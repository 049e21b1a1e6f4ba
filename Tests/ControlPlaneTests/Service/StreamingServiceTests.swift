import Foundation
import Logging
import StreamModel
import Testing

@testable import ControlPlane

/// The facade over a real store, without its processes: the engine stays switched off.
@Suite struct StreamingServiceTests {
    private let folder = TemporaryFolder()
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func service(demo: Bool = false) throws -> StreamingService {
        try StreamingService(
            StreamingServiceConfiguration(dataDirectory: folder.path, executable: "/bin/false", demo: demo),
            logger: logger)
    }

    private func transmissionBody(_ path: String) -> JSONValue {
        ["name": .string(path), "path": .string(path), "outputs": [["id": "h", "protocol": "hls"]]]
    }

    @Test func theNewestTransmissionIsFirst() async throws {
        let service = try service()
        _ = try await service.createTransmission(transmissionBody("a"))
        _ = try await service.createTransmission(transmissionBody("b"))
        #expect(try await service.transmissions().map(\.path) == ["b", "a"])
    }

    @Test func aDuplicatePathIsAConflictAndChangesNothing() async throws {
        let service = try service()
        let first = try await service.createTransmission(transmissionBody("a")).value
        let error = await #expect(throws: ControlPlaneError.self) {
            try await service.createTransmission(transmissionBody("a"))
        }
        guard case .conflict = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let second = try await service.createTransmission(transmissionBody("b")).value
        await #expect(throws: ControlPlaneError.self) {
            try await service.updateTransmission(id: second.id, transmissionBody("a"))
        }
        // The bug of the reference: such a PATCH replaced everything with factory settings.
        await #expect(throws: ControlPlaneError.self) {
            try await service.patchSettings(["transmissions": [transmissionBody("x"), transmissionBody("x")]])
        }
        #expect(try await service.transmissions().map(\.id) == [second.id, first.id])
        #expect(try await service.transmission(id: second.id).path == "b")
    }

    @Test func anUpdateNeedsNoIDAndKeepsPasswords() async throws {
        let service = try service()
        var body = transmissionBody("a").objectValue ?? [:]
        func output(_ authentication: JSONValue) -> JSONValue {
            [["id": "r", "protocol": "rtsp", "authentication": authentication]]
        }
        body["outputs"] = output(["enabled": true, "username": "u", "password": "p"])
        let created = try await service.createTransmission(.object(body)).value
        body["outputs"] = output(["enabled": true, "username": "u2", "password": nil])
        let updated = try await service.updateTransmission(id: created.id, .object(body)).value
        #expect(updated.id == created.id)
        #expect(updated.outputs[0].authentication?.password == Secret("p"))
        #expect(updated.outputs[0].authentication?.username == "u2")
        #expect(updated.updatedAt >= created.updatedAt && updated.createdAt == created.createdAt)
        body["id"] = "another"
        await #expect(throws: ControlPlaneError.badRequest(CodedMessage("id_mismatch", "Transmission id mismatch"))) {
            try await service.updateTransmission(id: created.id, .object(body))
        }
    }

    @Test func unknownThingsAreNotFound() async throws {
        let service = try service()
        await #expect(throws: ControlPlaneError.transmissionNotFound) {
            try await service.transmission(id: "x")
        }
        await #expect(throws: ControlPlaneError.transmissionNotFound) {
            try await service.deleteTransmission(id: "x")
        }
        await #expect(throws: ControlPlaneError.cameraNotFound) {
            try await service.deleteCamera(id: "x")
        }
        await #expect(throws: ControlPlaneError.pipelineNotFound) { try await service.pipeline(id: "x") }
        var body = transmissionBody("a").objectValue ?? [:]
        body["host_server_id"] = "Attic "
        await #expect(throws: ControlPlaneError.unknownHost("attic")) {
            try await service.createTransmission(.object(body))
        }
    }

    @Test func aCameraInUseIsNotDeleted() async throws {
        let service = try service()
        let transmission = try await service.createTransmission(transmissionBody("a")).value
        let camera = try await service.createCamera(["name": "C", "url": "demo:"]).value
        let pipeline = try await service.createPipeline(
            Sample.pipelineBody("front", camera: camera.id, into: [transmission.id])
        ).value
        let error = await #expect(throws: ControlPlaneError.self) { try await service.deleteCamera(id: camera.id) }
        #expect(error?.description.contains("'front'") == true)
        _ = try await service.deletePipeline(id: pipeline.id)
        _ = try await service.deleteCamera(id: camera.id)
        #expect(try await service.cameras().isEmpty)
    }

    @Test func aPipelineOutlivesItsTransmissionSwitchedOff() async throws {
        let service = try service()
        let a = try await service.createTransmission(transmissionBody("a")).value
        let b = try await service.createTransmission(transmissionBody("b")).value
        let camera = try await service.createCamera(["name": "C", "url": "demo:"]).value
        _ = try await service.createPipeline(Sample.pipelineBody("both", camera: camera.id, into: [a.id, b.id]))
        _ = try await service.createPipeline(Sample.pipelineBody("only-a", camera: camera.id, into: [a.id]))
        let warning = try await service.deleteTransmission(id: a.id).warning
        #expect(warning?.text == "Switched off, because what it published into is gone: 'only-a'.")
        let pipelines = try await service.pipelines()
        #expect(pipelines.map(\.enabled) == [true, false])
        #expect(pipelines[0].graph.transmissionIDs == [b.id])
        #expect(pipelines[0].graph.nodes.count == 2 && pipelines[0].graph.edges.count == 1)
        // It can't be switched on again as it is.
        var body = pipelines[1].json.objectValue ?? [:]
        body["enabled"] = true
        await #expect(throws: ControlPlaneError.self) {
            try await service.updatePipeline(id: pipelines[1].id, .object(body))
        }
    }

    @Test func pipelinesNameWhatExists() async throws {
        let service = try service()
        let error = await #expect(throws: ControlPlaneError.self) {
            try await service.createPipeline(Sample.pipelineBody("p", camera: "gone", into: ["gone-too"]))
        }
        guard case .invalid(let validation) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(
            validation.issues.map(\.location) == [
                ["body", "nodes", 0, "config", "camera_id"], ["body", "nodes", 1, "config", "transmission_id"],
            ])
    }

    @Test func theWizardFindsTheCameraAndNamesThePipeline() async throws {
        let service = try service()
        var body = transmissionBody("front-door").objectValue ?? [:]
        body["enabled"] = false
        let transmission = try await service.createTransmission(.object(body)).value
        let camera = try await service.createCamera(["name": "Garage Cam", "url": "demo:"]).value
        let request: JSONValue = [
            "transmission_id": .string(transmission.id), "camera_id": "garage-cam", "preset_id": "simple_stream",
        ]
        let first = try await service.createPipelineFromWizard(request).value
        #expect(first.pipelineName == "front_door__garage_cam__stream" && first.cameraID == camera.id)
        #expect(
            first.warnings.map(\.text) == [
                "Streaming engine is not running. Start the engine to publish this pipeline.",
                "Transmission is disabled. Enable it to publish frames.",
            ])
        #expect(
            try await service.createPipelineFromWizard(request).value.pipelineName == "front_door__garage_cam__stream_2"
        )
        var named = request.objectValue ?? [:]
        named["optional_parameters"] = ["pipeline_name": "front_door__garage_cam__stream"]
        let taken = await #expect(throws: ControlPlaneError.self) {
            try await service.createPipelineFromWizard(.object(named))
        }
        #expect(taken?.description == "Pipeline already exists: front_door__garage_cam__stream")
        named["camera_id"] = "nowhere"
        await #expect(throws: ControlPlaneError.cameraNotFound) {
            try await service.createPipelineFromWizard(.object(named))
        }
    }

    @Test func theDemoIsSetUpOnce() async throws {
        do {
            let service = try service(demo: true)
            let transmission = try #require(try await service.transmissions().first)
            #expect(transmission.path == "demo")
            // One encoder for both outputs, on one path.
            #expect(Set(transmission.resolvedOutputs.map(\.enginePath)) == ["demo"])
            #expect(
                Encoding(of: transmission.outputs[0]) == Encoding(width: 1280, height: 720, fps: 25, bitrateKbps: 2500))
            #expect(try await service.pipelines().map(\.name) == ["demo__stream"])
            #expect(try await service.settings().engine.enabled)
            _ = try await service.stopEngine(requestHost: nil)
            _ = try await service.deleteTransmission(id: transmission.id)
            await service.store.close()
        }
        // A child that was just forked has the lock too, until it runs its own program.
        var again: StreamingService?
        #expect(
            await eventually {
                again = try? service(demo: true)
                return again != nil
            })
        #expect(try await again?.transmissions().isEmpty == true)
    }

    @Test func aTransmissionBeyondTheMostThatThereMayBeIsRefused() async throws {
        let service = try service()
        let transmissions = (0..<StreamingSettings.transmissionLimit).map { number -> JSONValue in
            ["id": .string("t\(number)"), "path": .string("p\(number)")]
        }
        _ = try await service.patchSettings(["transmissions": .array(transmissions)])
        let error = await #expect(throws: ControlPlaneError.self) {
            try await service.createTransmission(transmissionBody("one-more"))
        }
        #expect(
            error
                == .conflict(
                    CodedMessage(
                        "transmissions_full",
                        "There are 1000 transmissions, which is the most that there may be. Delete some first.",
                        ["number": 1000])))
        #expect(try await service.settings().transmissions.count == 1000)
    }

    @Test func outputsOfAStoppedEngineSayWhatToDo() async throws {
        let service = try service()
        let transmission = try await service.createTransmission(transmissionBody("a")).value
        let urls = try await service.urls(transmissionID: transmission.id, for: .open, requestHost: "nas")
        #expect(urls.outputs.map(\.url) == ["http://127.0.0.1:8888/a/index.m3u8"])
        #expect(urls.warnings.map(\.text) == ["Engine is not running. URLs are based on preferred ports."])
        #expect(try await service.prime(transmissionID: transmission.id).primed == false)
        let output = try #require(await service.runtimeOutputs().outputs.first)
        #expect(output.state == .actionRequired && output.message.code == "engine_off")
        let metrics = await service.metrics()
        #expect(metrics.contains("toposync_engine_up 0\n"))
        #expect(
            await service.engineStatus(requestHost: nil).warnings.map(\.text) == ["Engine is disabled in settings."])
    }

    @Test func diagnosticsHoldNoSecret() async throws {
        let service = try service()
        var body = transmissionBody("a").objectValue ?? [:]
        body["outputs"] = [
            ["protocol": "rtsp", "authentication": ["enabled": true, "username": "viewer", "password": "hunter2"]]
        ]
        let transmission = try await service.createTransmission(.object(body)).value
        let camera = try await service.createCamera(["name": "C", "url": "rtsp://admin:s3cret@10.0.0.9/1"]).value
        _ = try await service.createPipeline(Sample.pipelineBody("p", camera: camera.id, into: [transmission.id]))
        let text = String(decoding: await service.diagnostics().data, as: UTF8.self)
        for secret in ["hunter2", "s3cret", "pub_"] { #expect(!text.contains(secret)) }
        #expect(text.contains("rtsp://127.0.0.1:8554/a"))
    }

    @Test func anEngineThatCannotStartIsReportedAndTheSettingKept() async throws {
        // /bin/false ends at once.
        let service = try service()
        let error = await #expect(throws: ControlPlaneError.self) { try await service.startEngine(requestHost: nil) }
        #expect(
            error?.description.hasPrefix(
                "Failed to start streaming engine: The engine stopped: it ended with exit code 1") == true)
        #expect(try await service.settings().engine.enabled)
        let applied = try await service.createTransmission(transmissionBody("a"))
        #expect(applied.warning?.text.hasPrefix("The change was saved, but the engine is not running.") == true)
        #expect(try await service.stopEngine(requestHost: nil).running == false)
    }
}

import Foundation
import Logging
import StreamModel

extension StreamingService {
    public func cameras() async throws(ControlPlaneError) -> [Camera] { store.current.cameras }

    public func camera(id: String) async throws(ControlPlaneError) -> Camera {
        guard let camera = store.current.camera(id) else { throw .cameraNotFound }
        return camera
    }

    /// - Parameter body: the body of `POST /api/cameras`; the id is ours.
    public func createCamera(_ body: JSONValue) async throws(ControlPlaneError) -> Applied<Camera> {
        let created = try await store.update { [mediaRoots] stored in
            let camera = try Camera(json: body.refusing(["id", "created_at", "updated_at"])).readable(mediaRoots)
                .keepingSecrets(of: nil).givingKey()
            try Self.checkRoom(for: "cameras", "cameras_full", besides: stored.cameras.count)
            stored.cameras.append(camera)
            try stored.checkInputs()
            return camera
        }
        return created.with(created.value, warning: created.value.inputName == nil ? nil : await apply())
    }

    /// Replaces a camera. An omitted or null password keeps the stored one, unless the host changes; an empty one gives an input
    /// a new key.
    public func updateCamera(
        id: String, _ body: JSONValue, if precondition: Precondition = .none
    ) async throws(ControlPlaneError) -> Applied<Camera> {
        let updated = try await store.update { [mediaRoots] stored in
            guard let index = stored.cameras.firstIndex(where: { $0.id == id }) else {
                throw ControlPlaneError.cameraNotFound
            }
            let old = stored.cameras[index]
            try precondition.check(old.publicJSON)
            var camera = try Camera(json: body.identified(as: id, mismatch: "Camera id mismatch"))
                .readable(mediaRoots).keepingSecrets(of: old).givingKey()
            camera.createdAt = old.createdAt
            camera.updatedAt = Date()
            stored.cameras[index] = camera
            try stored.checkInputs()
            return (camera: camera, concernsEngine: EngineInput(camera) != EngineInput(old))
        }
        if updated.value.concernsEngine { return updated.with(updated.value.camera, warning: await apply()) }
        await workers.update()
        return updated.with(updated.value.camera, warning: nil)
    }

    /// - Throws: 409 naming the pipelines that still read it.
    public func deleteCamera(
        id: String, if precondition: Precondition = .none
    ) async throws(ControlPlaneError) -> Applied<Void> {
        let deleted = try await store.update { stored in
            guard let index = stored.cameras.firstIndex(where: { $0.id == id }) else {
                guard stored.removeInvalid(.camera, id: id) else { throw ControlPlaneError.cameraNotFound }
                return false
            }
            try precondition.check(stored.cameras[index].publicJSON)
            let users = stored.pipelines.filter { $0.graph.cameraIDs.contains(id) }.map { "'\($0.name)'" }
            guard users.isEmpty else {
                let list = users.joined(separator: ", ")
                throw ControlPlaneError.conflict(
                    CodedMessage(
                        "camera_in_use",
                        "The camera is used by the pipeline\(users.count > 1 ? "s" : "") \(list). Delete "
                            + "\(users.count > 1 ? "them" : "it") first, or choose another camera there.",
                        ["count": .integer(users.count), "pipelines": .string(list)]))
            }
            return stored.cameras.remove(at: index).inputName != nil
        }
        return deleted.with((), warning: deleted.value ? await apply() : nil)
    }

    /// Opens a camera in a worker of its own; that takes 20 s at most, and ends when the task is cancelled.
    ///
    /// - Parameter body: that of a create (`name` may be missing), or `{"camera_id": "…"}` for a stored one. With both, what
    ///   the body leaves out is the stored camera's; its password only for the same host.
    /// - Throws: 422 for wrong fields, 404 for an unknown `camera_id`, 503 while too many tests run.
    public func testCamera(_ body: JSONValue) async throws(ControlPlaneError) -> CameraTestResult {
        let camera: Camera
        do {
            camera = try storedOrNewCamera(toTest: body).readable(mediaRoots)
        } catch let error as ValidationError {
            throw .invalid(error)
        } catch {
            throw error as? ControlPlaneError ?? .badRequest(.freeText("\(error)"))
        }
        if let entity = HomeAssistantAddress.entity(in: camera.url), let homeAssistantMedia {
            do throws(SupervisorError) {
                try await homeAssistantMedia.warmUp(entity)
            } catch {
                logger.notice("A camera of Home Assistant can't be tested. \(error)")
                return CameraTestResult(
                    ok: false,
                    CodedMessage("home_assistant_silent", "Home Assistant does not answer. Try again in a minute."))
            }
        }
        guard let opened = openedToTest(camera) else {
            return CameraTestResult(
                ok: false,
                CodedMessage(
                    "input_not_saved",
                    "Save the input first: then it shows where to send the picture, and can be tested once a program sends it."
                ))
        }
        var result = try await cameraTester.test(opened)
        if Task.isCancelled { logger.info("A camera test was broken off: nobody waits for its result any more.") }
        result.coded = result.coded.redacted
        return result
    }

    /// The camera as a worker opens it; nil for an input that the engine does not have yet.
    private func openedToTest(_ camera: Camera) -> Camera? {
        guard let name = camera.inputName else { return camera }
        let stored = store.current
        guard stored.inputs.contains(where: { $0.name == name }) else { return nil }
        let port = endpoint.lastPorts?.rtsp ?? stored.settings.engine.preferredPorts.rtsp
        return camera.opened(rtspPort: port, publishSecret: publishSecret)
    }

    private func storedOrNewCamera(toTest body: JSONValue) throws -> Camera {
        guard case .object(var members) = body else { return try Camera(json: body) }
        guard let reference = members.removeValue(forKey: "camera_id"), reference != .null else {
            members["name"] = members["name"] ?? "Camera"
            return try Camera(json: .object(members)).keepingSecrets(of: nil)
        }
        guard let stored = reference.stringValue.flatMap({ store.current.camera($0) }) else {
            throw ControlPlaneError.cameraNotFound
        }
        var merged = stored.publicJSON.objectValue ?? [:]
        merged.merge(members.filter { $0.value != .null }) { $1 }
        return try Camera(json: .object(merged)).keepingSecrets(of: stored)
    }
}

extension Camera {
    /// - Throws: ``ValidationError`` for a file that is not to be read.
    func readable(_ roots: MediaRoots) throws(ValidationError) -> Camera {
        guard let path = filePath, let problem = roots.problem(withFile: path) else { return self }
        throw ValidationError(problem, at: ["body", "url"])
    }
}

extension JSONValue {
    /// - Throws: ``ValidationError`` naming each of the members that was sent although it is not the client's to choose.
    func refusing(_ names: [String]) throws(ValidationError) -> JSONValue {
        let issues = names.compactMap { name in
            self[name].map {
                ValidationIssue(
                    type: "extra_forbidden", location: ["body", .member(name)],
                    message: .unknownField, input: $0)
            }
        }
        if !issues.isEmpty { throw ValidationError(issues) }
        return self
    }
}

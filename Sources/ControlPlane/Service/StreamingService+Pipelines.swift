import Foundation
import StreamModel

extension StreamingService {
    public func pipelines() async throws(ControlPlaneError) -> [Pipeline] { store.current.pipelines }

    public func pipeline(id: String) async throws(ControlPlaneError) -> Pipeline {
        guard let pipeline = store.current.pipeline(id) else { throw .pipelineNotFound }
        return pipeline
    }

    /// - Parameter body: the body of `POST /api/pipelines`; the id is ours.
    /// - Throws: 422 for wrong fields and for cameras or transmissions that do not exist, 409 for a name that is in use.
    public func createPipeline(_ body: JSONValue) async throws(ControlPlaneError) -> Applied<Pipeline> {
        let created = try await store.update { stored in
            let pipeline = try Pipeline(json: body.refusing(["id", "created_at", "updated_at"]))
            try Self.checkRoom(for: "pipelines", "pipelines_full", besides: stored.pipelines.count)
            stored.pipelines.append(pipeline)
            try stored.check(pipeline)
            return pipeline
        }
        await workers.update()
        return created
    }

    /// Replaces a pipeline.
    public func updatePipeline(
        id: String, _ body: JSONValue, if precondition: Precondition = .none
    ) async throws(ControlPlaneError) -> Applied<Pipeline> {
        let updated = try await store.update { stored in
            guard let index = stored.pipelines.firstIndex(where: { $0.id == id }) else {
                throw ControlPlaneError.pipelineNotFound
            }
            try precondition.check(stored.pipelines[index].json)
            var pipeline = try Pipeline(json: body.identified(as: id, mismatch: "Pipeline id mismatch"))
            pipeline.createdAt = stored.pipelines[index].createdAt
            pipeline.updatedAt = Date()
            stored.pipelines[index] = pipeline
            try stored.check(pipeline)
            return pipeline
        }
        await workers.update()
        return updated
    }

    public func deletePipeline(
        id: String, if precondition: Precondition = .none
    ) async throws(ControlPlaneError) -> Applied<Void> {
        let deleted = try await store.update { stored in
            guard let index = stored.pipelines.firstIndex(where: { $0.id == id }) else {
                guard stored.removeInvalid(.pipeline, id: id) else { throw ControlPlaneError.pipelineNotFound }
                return
            }
            try precondition.check(stored.pipelines[index].json)
            stored.pipelines.remove(at: index)
        }
        await workers.update()
        return deleted
    }

    /// Makes a ready-made pipeline of a camera into a transmission (contract A.2, `POST /wizard/create-pipeline`).
    public func createPipelineFromWizard(_ body: JSONValue) async throws(ControlPlaneError) -> Applied<WizardResult> {
        let made = try await store.update { stored in
            let request = try WizardRequest(json: body)
            try Self.checkHost(request.processingServerID)
            guard let transmission = stored.transmission(request.transmissionID) else {
                throw ControlPlaneError.transmissionNotFound
            }
            guard transmission.hostServerID == request.processingServerID else {
                throw ControlPlaneError.badRequest(
                    CodedMessage(
                        "pipeline_elsewhere",
                        "Transmission host_server_id must match pipeline processing_server_id. "
                            + "Transmission='\(transmission.hostServerID)' Pipeline='\(request.processingServerID)'.",
                        [
                            "transmission_host": .string(transmission.hostServerID),
                            "pipeline_host": .string(request.processingServerID),
                        ]))
            }
            guard let camera = stored.camera(named: request.cameraReference) else {
                throw ControlPlaneError.cameraNotFound
            }
            // Ids that we made are no name for people, so the camera's own name stands for it.
            let name = request.pipelineName(for: transmission, cameraID: camera.id.isUUID ? camera.name : camera.id)
            var pipeline = Pipeline(
                name: request.pipelineName == nil ? stored.uniquePipelineName(name) : name, enabled: request.enabled,
                graph: request.graph(cameraID: camera.id))
            pipeline.run = request.run
            try Self.checkRoom(for: "pipelines", "pipelines_full", besides: stored.pipelines.count)
            stored.pipelines.append(pipeline)
            try stored.check(pipeline)
            return (pipeline, transmission, camera.id, request.preset)
        }
        let (pipeline, transmission, cameraID, preset) = made.value
        await workers.update()
        var warnings: [CodedMessage] = []
        if endpoint.ports == nil {
            warnings.append(
                CodedMessage(
                    "engine_off", "Streaming engine is not running. Start the engine to publish this pipeline."))
        }
        if !transmission.enabled { warnings.append(.transmissionOff) }
        return made.with(
            WizardResult(
                pipelineName: pipeline.name, transmissionID: transmission.id, cameraID: cameraID, preset: preset,
                engineRunning: endpoint.ports != nil, warnings: warnings),
            warning: nil)
    }
}

extension StoredConfiguration {
    /// Checks what a pipeline alone can't know: its name is free and, if it is switched on, what it refers to exists.
    func check(_ pipeline: Pipeline) throws {
        if pipelines.contains(where: { $0.name == pipeline.name && $0.id != pipeline.id }) {
            throw ControlPlaneError.conflict(
                CodedMessage(
                    "pipeline_name_taken", "Pipeline already exists: \(pipeline.name)",
                    ["name": .string(pipeline.name)]))
        }
        guard pipeline.enabled else { return }
        let issues = pipeline.graph.nodes.enumerated().compactMap { index, node -> ValidationIssue? in
            func issue(_ member: String, _ message: CodedMessage) -> ValidationIssue {
                ValidationIssue(
                    type: "value_error",
                    location: ["body", "nodes", .element(index), "config", .member(member)], message: message,
                    input: node.config[member] ?? .null)
            }
            if node.operator == CameraSourceConfig.operatorName, camera(CameraSourceConfig(of: node).cameraID) == nil {
                return issue("camera_id", CodedMessage("camera_gone", "There is no such camera."))
            }
            if node.operator == PublishVideoConfig.operatorName,
                transmission(PublishVideoConfig(of: node).transmissionID) == nil
            {
                return issue(
                    "transmission_id", CodedMessage("transmission_gone", "There is no such transmission."))
            }
            return nil
        }
        if !issues.isEmpty { throw ValidationError(issues) }
    }

    /// The camera of an id, a name or a slug, as it is written or as a slug.
    func camera(named reference: String) -> Camera? {
        let slug = Slug.make(reference)
        return camera(reference) ?? cameras.first { $0.name == reference }
            ?? cameras.first { slug != nil && (Slug.make($0.id) == slug || Slug.make($0.name) == slug) }
    }

    /// The name, or the first of `name_2`, `name_3`… that is free.
    func uniquePipelineName(_ name: String) -> String {
        let taken = Set(pipelines.map(\.name))
        guard taken.contains(name) else { return name }
        var number = 2
        while true {
            let suffix = "_\(number)"
            let candidate = name.prefix(120 - suffix.count) + suffix
            if !taken.contains(String(candidate)) { return String(candidate) }
            number += 1
        }
    }
}

extension String {
    var isUUID: Bool { UUID(uuidString: self) != nil }
}

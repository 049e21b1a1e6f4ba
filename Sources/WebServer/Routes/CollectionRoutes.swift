import ControlPlane
import HTTPTypes
import StreamModel

/// The routes under `/api/cameras` and `/api/pipelines`: things with an id that are listed, made, changed and deleted.
struct CollectionRoutes {
    var service: StreamingService

    var routes: [APIRoute] { cameras.routes + [cameraTest] + pipelines.routes }

    private var cameras: Collection {
        Collection(
            path: "/api/cameras", parameter: "camera_id", tag: "cameras", noun: "Camera", article: "a camera",
            list: { .array(try await service.cameras().map(\.publicJSON)) },
            get: { try await service.camera(id: $0).publicJSON },
            create: { body in
                let applied = try await service.createCamera(body)
                return APIResponse(applied.value.publicJSON, warning: applied.warning)
            },
            replace: { id, body in
                let applied = try await service.updateCamera(id: id, body)
                return APIResponse(applied.value.publicJSON, warning: applied.warning)
            },
            delete: { try await service.deleteCamera(id: $0).warning })
    }

    private var cameraTest: APIRoute {
        APIRoute(
            .post, "/api/cameras/test", "testCamera",
            "Opens a camera and says what it sends, or what is wrong; stores nothing.", tag: "cameras",
            request: "CameraTest", response: Schema.reference("CameraTestResult"),
            refusals: [.notFound, .serviceUnavailable]
        ) { request in
            APIResponse(try JSONValue(encoding: await service.testCamera(request.body)))
        }
    }

    private var pipelines: Collection {
        Collection(
            path: "/api/pipelines", parameter: "pipeline_id", tag: "pipelines", noun: "Pipeline", article: "a pipeline",
            list: { .array(try await service.pipelines().map(\.json)) },
            get: { try await service.pipeline(id: $0).json },
            create: { body in
                let applied = try await service.createPipeline(body)
                return APIResponse(applied.value.json, warning: applied.warning)
            },
            replace: { id, body in
                let applied = try await service.updatePipeline(id: id, body)
                return APIResponse(applied.value.json, warning: applied.warning)
            },
            delete: { try await service.deletePipeline(id: $0).warning })
    }
}

/// The five operations of a collection.
private struct Collection {
    var path: String
    var parameter: String
    var tag: String
    /// `Camera`: the name of the schema, and a part of the operations' names.
    var noun: String
    /// `a camera`
    var article: String
    var list: @Sendable () async throws -> JSONValue
    var get: @Sendable (String) async throws -> JSONValue
    var create: @Sendable (JSONValue) async throws -> APIResponse
    var replace: @Sendable (String, JSONValue) async throws -> APIResponse
    /// Returns what went wrong when the deletion was put into effect.
    var delete: @Sendable (String) async throws -> String?

    var routes: [APIRoute] {
        let one = Schema.reference(noun)
        let itemPath = "\(path)/{\(parameter)}"
        return [
            APIRoute(
                .get, path, "list\(noun)s", "All \(tag).", tag: tag, response: Schema.list(one)
            ) { [list] _ in
                APIResponse(try await list())
            },
            APIRoute(
                .post, path, "create\(noun)", "Adds \(article).", tag: tag, request: "\(noun)Create", response: one,
                refusals: [.conflict]
            ) { [create] request in
                try await create(request.body)
            },
            APIRoute(
                .get, itemPath, "get\(noun)", "One of the \(tag).", tag: tag, response: one, refusals: [.notFound]
            ) { [get, parameter] request in
                APIResponse(try await get(request[parameter: parameter]))
            },
            APIRoute(
                .put, itemPath, "replace\(noun)", "Replaces \(article).", tag: tag, request: "\(noun)Create",
                response: one, refusals: [.badRequest, .notFound, .conflict]
            ) { [replace, parameter] request in
                try await replace(request[parameter: parameter], request.body)
            },
            APIRoute(
                .delete, itemPath, "delete\(noun)", "Deletes \(article).", tag: tag,
                response: Schema.reference("Deleted"), refusals: [.notFound, .conflict]
            ) { [delete, parameter] request in
                APIResponse(["deleted": true], warning: try await delete(request[parameter: parameter]))
            },
        ]
    }
}

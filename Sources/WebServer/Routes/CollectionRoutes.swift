import ConnectionLimits
import ControlPlane
import Foundation
import HTTPTypes
import StreamModel

/// The routes under `/api/cameras` and `/api/pipelines`: things with an id that are listed, made, changed and deleted.
struct CollectionRoutes {
    var service: StreamingService

    var routes: [APIRoute] { cameras.routes + [cameraTest, cameraInput, microphones] + pipelines.routes }

    private var cameras: Collection {
        Collection(
            path: "/api/cameras", parameter: "camera_id", tag: "cameras", noun: "Camera", article: "a camera",
            list: { try await service.cameras().map(\.publicJSON) },
            get: { try await service.camera(id: $0).publicJSON },
            create: { APIResponse(try await service.createCamera($0), \.publicJSON) },
            replace: { id, body, precondition in
                APIResponse(try await service.updateCamera(id: id, body, if: precondition), \.publicJSON)
            },
            delete: { APIResponse(deleted: try await service.deleteCamera(id: $0, if: $1)) },
            revision: { service.revision })
    }

    private var cameraTest: APIRoute {
        APIRoute(
            .post, "/api/cameras/test", "testCamera",
            "Opens a camera and says what it sends, or what is wrong; stores nothing.", tag: "cameras",
            request: "CameraTest", response: Schema.reference("CameraTestResult"),
            refusals: [.notFound, .serviceUnavailable]
        ) { request in
            let result = try await request.client.whilePresent { try await service.testCamera(request.body) }
            return APIResponse(try JSONValue(encoding: result))
        }
    }

    private var cameraInput: APIRoute {
        APIRoute(
            .get, "/api/cameras/{camera_id}/input", "getCameraInput",
            "Where a program sends the picture of a camera that is an input, with its key.", tag: "cameras",
            response: Schema.reference("CameraInput"), refusals: [.notFound]
        ) { request in
            APIResponse(
                try await service.inputAddresses(
                    cameraID: request[parameter: "camera_id"], requestHost: request.host
                ).json)
        }
    }

    private var microphones: APIRoute {
        APIRoute(
            .get, "/api/microphones", "listMicrophones",
            "The microphones of this computer that a camera's `microphone` can name.", tag: "cameras",
            response: Schema.reference("Microphones")
        ) { _ in
            let present = LocalMicrophone.present { try? String(contentsOfFile: $0, encoding: .utf8) }
            return APIResponse(["microphones": .array(present.map(\.json))])
        }
    }

    private var pipelines: Collection {
        Collection(
            path: "/api/pipelines", parameter: "pipeline_id", tag: "pipelines", noun: "Pipeline", article: "a pipeline",
            list: { try await service.pipelines().map(\.json) },
            get: { try await service.pipeline(id: $0).json },
            create: { APIResponse(try await service.createPipeline($0), \.json) },
            replace: { id, body, precondition in
                APIResponse(try await service.updatePipeline(id: id, body, if: precondition), \.json)
            },
            delete: { APIResponse(deleted: try await service.deletePipeline(id: $0, if: $1)) },
            revision: { service.revision })
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
    var list: @Sendable () async throws -> [JSONValue]
    var get: @Sendable (String) async throws -> JSONValue
    var create: @Sendable (JSONValue) async throws -> APIResponse
    var replace: @Sendable (String, JSONValue, Precondition) async throws -> APIResponse
    var delete: @Sendable (String, Precondition) async throws -> APIResponse
    var revision: @Sendable () -> Int

    var routes: [APIRoute] {
        let one = Schema.reference(noun)
        let itemPath = "\(path)/{\(parameter)}"
        return [
            APIRoute(
                .get, path, "list\(noun)s", "All \(tag).", tag: tag, response: Schema.list(one)
            ) { [list, revision] _ in
                // The revision first: an answer may be newer than it says, never older.
                let revision = revision()
                return APIResponse(listing: try await list(), revision: revision)
            },
            APIRoute(
                .post, path, "create\(noun)", "Adds \(article).", tag: tag, request: "\(noun)Create", response: one,
                refusals: [.conflict]
            ) { [create] request in
                try await create(request.body)
            },
            APIRoute(
                .get, itemPath, "get\(noun)", "One of the \(tag).", tag: tag, response: one, refusals: [.notFound]
            ) { [get, revision, parameter] request in
                let revision = revision()
                return APIResponse(representing: try await get(request[parameter: parameter]), revision: revision)
            },
            APIRoute(
                .put, itemPath, "replace\(noun)", "Replaces \(article).", tag: tag, request: "\(noun)Create",
                parameters: [.ifMatch], response: one,
                refusals: [.badRequest, .notFound, .conflict, .preconditionFailed]
            ) { [replace, parameter] request in
                try await replace(request[parameter: parameter], request.body, request.precondition)
            },
            APIRoute(
                .delete, itemPath, "delete\(noun)", "Deletes \(article).", tag: tag,
                parameters: [.ifMatch], response: Schema.reference("Deleted"),
                refusals: [.notFound, .conflict, .preconditionFailed]
            ) { [delete, parameter] request in
                try await delete(request[parameter: parameter], request.precondition)
            },
        ]
    }
}

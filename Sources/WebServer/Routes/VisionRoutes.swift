import ControlPlane
import HTTPTypes
import Hummingbird
import StreamModel

/// What detection needs: a runtime and models, which are downloaded on demand.
struct VisionRoutes {
    static let path = "/api/vision"

    var service: StreamingService

    var routes: [APIRoute] {
        let state = Schema.reference("Vision")
        return [
            APIRoute(
                .get, Self.path, "getVision",
                "The runtime and the models of detection: what is installed, what can be, and how that goes.",
                tag: "vision",
                response: state
            ) { _ in
                APIResponse(try await service.visionState().json)
            },
            APIRoute(
                .post, Self.path + "/install", "installVision",
                "Starts to download and install a model in the background, and the runtime first where it is missing.",
                tag: "vision", request: "VisionWish", response: state, refusals: [.notFound, .conflict]
            ) { request in
                APIResponse(try await service.installVision(request.body).json)
            },
            APIRoute(
                .delete, Self.path + "/install", "cancelVisionInstall",
                "Cancels it; what was downloaded is kept for the next time.", tag: "vision", response: state
            ) { _ in
                APIResponse(try await service.cancelVision().json)
            },
            APIRoute(
                .put, Self.path + "/models/{model_id}", "uploadVisionModel",
                "Takes a model of one's own: an ONNX file of at most 200 MB under a name that is free.", tag: "vision",
                request: "VisionModel", requestType: "application/octet-stream", response: state,
                refusals: [.badRequest, .conflict, .internalServerError], streamsBody: true
            ) { request in
                guard let body = request.stream else { throw HTTPError(.badRequest) }
                let length = request.headers[.contentLength].flatMap { Int($0) }
                return APIResponse(
                    try await service.uploadVisionModel(id: request[parameter: "model_id"], length: length, body).json)
            },
            APIRoute(
                .delete, Self.path + "/models/{model_id}", "deleteVisionModel",
                "Deletes a model from this machine, unless a pipeline uses it.", tag: "vision",
                response: Schema.reference("Deleted"), refusals: [.notFound, .conflict, .internalServerError]
            ) { request in
                try await service.deleteVisionModel(id: request[parameter: "model_id"])
                return APIResponse(["deleted": true])
            },
        ]
    }
}

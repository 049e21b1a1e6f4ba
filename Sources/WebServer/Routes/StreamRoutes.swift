import ControlPlane
import HTTPTypes
import StreamModel

/// The routes under `/api/streams`: what the Toposync streaming extension has (contract A.2).
struct StreamRoutes {
    var service: StreamingService

    private static let base = "/api/streams"
    private static let transmission = base + "/transmissions/{transmission_id}"
    private static let identifier = "transmission_id"

    var routes: [APIRoute] { settings + engine + transmissions + watching + [still] + wizard }

    private var settings: [APIRoute] {
        [
            APIRoute(
                .get, Self.base + "/health", "getHealth", "Whether the server answers.", tag: "settings",
                access: .everyone,
                response: Schema.reference("Health")
            ) { _ in
                APIResponse(["status": "ok", "extension": "com.toposync.streaming"])
            },
            APIRoute(
                .get, Self.base + "/settings", "getSettings", "All settings, without passwords.", tag: "settings",
                response: Schema.reference("Settings")
            ) { _ in
                // The revision first: an answer may be newer than it says, never older.
                let revision = service.revision
                return APIResponse(representing: try await service.settings().publicJSON, revision: revision)
            },
            APIRoute(
                .patch, Self.base + "/settings", "patchSettings",
                "Merges objects, replaces lists; a wrong field changes nothing.", tag: "settings",
                request: "SettingsPatch", parameters: [.ifMatch], response: Schema.reference("Settings"),
                refusals: [.badRequest, .conflict, .preconditionFailed]
            ) { request in
                APIResponse(try await service.patchSettings(request.body, if: request.precondition), \.publicJSON)
            },
        ]
    }

    private var engine: [APIRoute] {
        let status = Schema.reference("EngineStatus")
        return [
            APIRoute(
                .get, Self.base + "/engine/status", "getEngineStatus", "How the engine is, and on which ports.",
                tag: "engine", access: .viewer, response: status
            ) { request in
                APIResponse(await service.engineStatus(requestHost: request.host).json)
            },
            APIRoute(
                .post, Self.base + "/engine/start", "startEngine", "Enables and starts the engine.", tag: "engine",
                response: status, refusals: [.internalServerError]
            ) { request in
                APIResponse(try await service.startEngine(requestHost: request.host).json)
            },
            APIRoute(
                .post, Self.base + "/engine/stop", "stopEngine", "Disables and stops the engine.", tag: "engine",
                response: status, refusals: [.internalServerError]
            ) { request in
                APIResponse(try await service.stopEngine(requestHost: request.host).json)
            },
            APIRoute(
                .post, Self.base + "/engine/restart", "restartEngine",
                "Chooses ports anew and starts the engine again when it is enabled.", tag: "engine", response: status,
                refusals: [.internalServerError]
            ) { request in
                APIResponse(try await service.restartEngine(requestHost: request.host).json)
            },
            APIRoute(
                .post, Self.base + "/engine/reclaim", "reclaimEngine",
                "Ends engine processes that were left over, and starts the engine again when it is enabled.",
                tag: "engine", response: status, refusals: [.internalServerError]
            ) { request in
                APIResponse(try await service.reclaimEngine(requestHost: request.host).json)
            },
        ] + engineDownload
    }

    private var engineDownload: [APIRoute] {
        let path = Self.base + "/engine/download"
        let download = Schema.reference("EngineDownload")
        return [
            APIRoute(
                .get, path, "getEngineDownload", "How the installation of MediaMTX goes, or whether it is installed.",
                tag: "engine", response: download
            ) { _ in
                APIResponse(await service.engineDownload().json)
            },
            APIRoute(
                .post, path, "downloadEngine",
                "Starts to download and install MediaMTX in the background, without starting it.", tag: "engine",
                response: Schema.reference("EngineStatus"), refusals: [.internalServerError]
            ) { request in
                APIResponse(try await service.downloadEngine(requestHost: request.host).json)
            },
            APIRoute(
                .delete, path, "cancelEngineDownload", "Cancels it; what was downloaded is kept for the next time.",
                tag: "engine", response: download
            ) { _ in
                APIResponse(await service.cancelEngineDownload().json)
            },
        ]
    }

    private var transmissions: [APIRoute] {
        let one = Schema.reference("Transmission")
        return [
            APIRoute(
                .get, Self.base + "/transmissions", "listTransmissions",
                "All transmissions, the newest first unless they were put into another order.",
                tag: "transmissions", access: .viewer, response: Schema.list(one)
            ) { request in
                let revision = service.revision
                return APIResponse(
                    listing: try await service.transmissions().map { Self.shown($0, to: request) }, revision: revision)
            },
            APIRoute(
                .post, Self.base + "/transmissions", "createTransmission", "Creates a transmission.",
                tag: "transmissions", request: "TransmissionCreate", response: one, refusals: [.badRequest, .conflict]
            ) { request in
                APIResponse(try await service.createTransmission(request.body), \.publicJSON)
            },
            APIRoute(
                .put, Self.base + "/order", "orderTransmissions",
                "Puts transmissions into another order; those that are not named come after them.",
                tag: "transmissions",
                request: "TransmissionOrder", response: Schema.list(one), refusals: [.notFound]
            ) { request in
                let ordered = try await service.orderTransmissions(request.body)
                return APIResponse(listing: ordered.value.map(\.publicJSON), revision: ordered.revision)
            },
            APIRoute(
                .get, Self.transmission, "getTransmission", "One transmission.", tag: "transmissions", access: .viewer,
                response: one,
                refusals: [.notFound]
            ) { request in
                let revision = service.revision
                let transmission = try await service.transmission(id: request[parameter: Self.identifier])
                return APIResponse(representing: Self.shown(transmission, to: request), revision: revision)
            },
            APIRoute(
                .put, Self.transmission, "replaceTransmission",
                "Replaces a transmission; a password that is left out stays.", tag: "transmissions",
                request: "Transmission", parameters: [.ifMatch], response: one,
                refusals: [.badRequest, .notFound, .conflict, .preconditionFailed]
            ) { request in
                APIResponse(
                    try await service.updateTransmission(
                        id: request[parameter: Self.identifier], request.body, if: request.precondition),
                    \.publicJSON)
            },
            APIRoute(
                .patch, Self.transmission + "/destinations/{destination_id}", "switchDestination",
                "Switches a destination on or off; the rest of it is changed with its transmission.",
                tag: "transmissions", request: "DestinationSwitch", response: Schema.reference("StreamDestination"),
                refusals: [.notFound]
            ) { request in
                APIResponse(
                    try await service.switchDestination(
                        transmissionID: request[parameter: Self.identifier],
                        destinationID: request[parameter: "destination_id"], request.body), \.publicJSON)
            },
            APIRoute(
                .delete, Self.transmission, "deleteTransmission", "Deletes a transmission.", tag: "transmissions",
                parameters: [.ifMatch], response: Schema.reference("Deleted"),
                refusals: [.notFound, .preconditionFailed]
            ) { request in
                APIResponse(
                    deleted: try await service.deleteTransmission(
                        id: request[parameter: Self.identifier], if: request.precondition))
            },
        ]
    }

    /// Viewers are kept from the addresses of destinations, as from those of cameras.
    private static func shown(_ transmission: Transmission, to request: APIRequest) -> JSONValue {
        guard (request.identity ?? .open).role != .admin, case .object(var members) = transmission.publicJSON else {
            return transmission.publicJSON
        }
        members["destinations"] = nil
        return .object(members)
    }

    private var watching: [APIRoute] {
        [
            APIRoute(
                .get, Self.base + "/urls", "getAllURLs",
                "Where the enabled outputs of all transmissions are watched, at once; starts nothing.", tag: "watching",
                access: .viewer,
                parameters: [prime(default: false)], response: Schema.reference("AllURLs")
            ) { request in
                APIResponse(
                    try await service.allURLs(
                        query: request.query, for: request.viewer, requestHost: request.host
                    ).json)
            },
            APIRoute(
                .get, Self.transmission + "/urls", "getTransmissionURLs",
                "Where the enabled outputs are watched; also starts them for a minute.", tag: "watching",
                access: .viewer, parameters: [prime(default: true)], response: Schema.reference("TransmissionURLs"),
                refusals: [.notFound]
            ) { request in
                APIResponse(
                    try await service.urls(
                        transmissionID: request[parameter: Self.identifier], query: request.query,
                        for: request.viewer, requestHost: request.host
                    ).json)
            },
            APIRoute(
                .get, Self.base + "/internal/transmissions/{transmission_id}/urls", "getInternalTransmissionURLs",
                "The same, only of a transmission that this server hosts.", tag: "watching",
                response: Schema.reference("TransmissionURLs"), refusals: [.notFound, .conflict]
            ) { request in
                APIResponse(
                    try await service.internalURLs(
                        transmissionID: request[parameter: Self.identifier], for: request.viewer,
                        requestHost: request.host
                    ).json)
            },
            APIRoute(
                .get, Self.transmission + "/demand", "getDemand", "Who watches a transmission.", tag: "watching",
                access: .viewer,
                response: Schema.reference("Demand"), refusals: [.notFound]
            ) { request in
                APIResponse(try await service.demand(transmissionID: request[parameter: Self.identifier]).json)
            },
            APIRoute(
                .post, Self.transmission + "/demand/prime", "primeDemand",
                "Starts the outputs for a minute, before a player asks.", tag: "watching", access: .viewer,
                response: Schema.reference("Prime"), refusals: [.notFound]
            ) { request in
                APIResponse(try await service.prime(transmissionID: request[parameter: Self.identifier]).json)
            },
            APIRoute(
                .post, Self.transmission + "/demand/heartbeat", "sendHeartbeat",
                "Keeps the outputs running for a player until its time is over; send it again before that.",
                tag: "watching", access: .viewer, request: "HeartbeatRequest", response: Schema.reference("Heartbeat"),
                refusals: [.notFound, .serviceUnavailable]
            ) { request in
                APIResponse(
                    try await service.heartbeat(transmissionID: request[parameter: Self.identifier], request.body).json)
            },
            APIRoute(
                .delete, Self.transmission + "/demand/heartbeat/{playback_session_id}", "endHeartbeat",
                "The player has ended.", tag: "watching", access: .viewer, response: Schema.reference("HeartbeatEnd"),
                refusals: [.notFound]
            ) { request in
                let existed = try await service.endHeartbeat(
                    transmissionID: request[parameter: Self.identifier],
                    playbackSessionID: request[parameter: "playback_session_id"])
                return APIResponse(["ended": .bool(existed)])
            },
            APIRoute(
                .post, Self.transmission + "/outputs/{output_id}/playback", "getPlayback",
                "Where a page watches an output. Where nobody signs in, an output with a password asks for it here.",
                tag: "watching", access: .viewer, response: Schema.reference("Playback"),
                refusals: [.unauthorized, .notFound, .conflict, .tooManyRequests], needsCredentials: true
            ) { request in
                let address = try await service.playback(
                    transmissionID: request[parameter: Self.identifier], outputID: request[parameter: "output_id"],
                    for: request.viewer, credentials: request.credentials, address: request.remoteAddress)
                return APIResponse(address.json)
            },
            APIRoute(
                .post, Self.transmission + "/outputs/{output_id}/force-idr", "forceKeyframe",
                "Makes the next picture of an output a keyframe.", tag: "watching", access: .viewer,
                response: Schema.reference("ForcedKeyframe"), refusals: [.notFound, .conflict]
            ) { request in
                try await service.forceKeyframe(
                    transmissionID: request[parameter: Self.identifier], outputID: request[parameter: "output_id"])
                return APIResponse(["forced": true])
            },
            APIRoute(
                .post, Self.transmission + "/metadata", "postMetadata",
                "JSON that travels with the next picture, to viewers of the outputs whose metadata is on.",
                tag: "watching", request: "PictureMetadata", response: Schema.reference("PostedMetadata"),
                refusals: [.notFound, .conflict], bodyLimit: MetadataPost.bodyLimit
            ) { request in
                let isSeen = try await service.postMetadata(
                    transmissionID: request[parameter: Self.identifier], request.body)
                return APIResponse(["watched": .bool(isSeen)])
            },
            APIRoute(
                .get, Self.base + "/runtime/outputs", "getRuntimeOutputs", "What runs for each output.", tag: "runtime",
                access: .viewer,
                response: Schema.reference("RuntimeOutputs")
            ) { _ in
                APIResponse(await service.runtimeOutputs().json)
            },
            APIRoute(
                .get, Self.base + "/runtime/destinations", "getRuntimeDestinations",
                "How it goes with each destination.", tag: "runtime", response: Schema.reference("RuntimeDestinations")
            ) { _ in
                APIResponse(await service.runtimeDestinations().json)
            },
            APIRoute(
                .get, Self.base + "/runtime/diagnostics", "getDiagnostics",
                "Everything that helps to find a fault, without secrets.", tag: "runtime",
                response: ["type": "object"]
            ) { _ in
                APIResponse(await service.diagnostics())
            },
        ]
    }

    private func prime(default fallback: Bool) -> RequestParameter {
        RequestParameter(
            name: "prime",
            description:
                "Whether to start the outputs for a minute, for who is about to watch; \(fallback) when left out.",
            schema: Schema.boolean)
    }

    private var still: APIRoute {
        APIRoute(
            .get, Self.transmission + "/still.jpg", "getStill",
            "The picture that a transmission shows; the header x-toposync-frame-state tells live, stale and placeholder. "
                + "Where nobody signs in and all outputs ask for a password, so does it: that of any of them.",
            tag: "watching", access: .viewer,
            parameters: [
                RequestParameter(
                    name: "wait",
                    description:
                        "Whether to take a picture, and to start the camera for it, when there is none that is "
                        + "new enough. With false the answer comes at once: the last known picture, of max_age seconds "
                        + "(\(StillQuery.ageRange.upperBound) when left out) and of the nearest width, or 204 when there "
                        + "is none. true when left out.",
                    schema: Schema.boolean),
                RequestParameter(
                    name: "max_age",
                    description: "How old the picture may be, in seconds; \(StillQuery.defaultAge) when left out.",
                    schema: Schema.integer(StillQuery.ageRange)),
                RequestParameter(
                    name: "width",
                    description: "How wide it may be; it keeps its shape. \(StillQuery.defaultWidth) when left out.",
                    schema: Schema.integer(StillQuery.widthRange)),
            ],
            response: ["type": "string", "contentMediaType": "image/jpeg"], responseType: "image/jpeg",
            mayBeEmpty: true, refusals: [.unauthorized, .notFound, .conflict, .tooManyRequests, .serviceUnavailable],
            needsCredentials: true
        ) { request in
            guard
                let still = try await service.still(
                    transmissionID: request[parameter: Self.identifier], query: request.query,
                    credentials: request.credentials, address: request.remoteAddress)
            else { return .none }
            return APIResponse(
                data: still.jpeg,
                headers: [
                    .toposyncFrameState: still.state.rawValue,
                    .cacheControl: "private, max-age=\(still.maximumCacheSeconds)",
                ])
        }
    }

    private var wizard: [APIRoute] {
        [
            APIRoute(
                .post, Self.base + "/wizard/create-pipeline", "createPipelineFromWizard",
                "Makes a pipeline from a camera into a transmission.", tag: "pipelines", request: "WizardRequest",
                response: Schema.reference("WizardResult"), refusals: [.badRequest, .notFound, .conflict]
            ) { request in
                APIResponse(try await service.createPipelineFromWizard(request.body), \.json)
            }
        ]
    }
}

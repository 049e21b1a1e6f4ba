import ControlPlane
import HTTPTypes
import StreamModel

/// The routes under `/api/events/log`: what pipelines saw.
struct EventLogRoutes {
    var service: StreamingService

    private static let path = "/api/events/log"

    var routes: [APIRoute] { [list, still, clear] }

    private var list: APIRoute {
        APIRoute(
            .get, Self.path, "listEvents", "What pipelines saw, the newest first, a page at a time.", tag: "events",
            access: .viewer,
            parameters: [
                RequestParameter(
                    name: "before",
                    description: "Only events with a smaller id: `next_before` of a page asks for the next.",
                    schema: Schema.integer(0 ... .max)),
                RequestParameter(
                    name: "after", description: "Only events with a larger id: those that are new.",
                    schema: Schema.integer(0 ... .max)),
                RequestParameter(
                    name: "camera", description: "Only those of a camera, by its id.", schema: Schema.string),
                RequestParameter(
                    name: "kind", description: "Only those of a kind.",
                    schema: Schema.choice(EventKind.self)),
                RequestParameter(
                    name: "label", description: "Only things of this name, such as person.", schema: Schema.string),
                RequestParameter(
                    name: "limit",
                    description: "How many at most; \(SightingQuery.defaultLimit) when left out.",
                    schema: Schema.integer(SightingQuery.limitRange)),
            ],
            response: Schema.reference("EventLog"), refusals: [.internalServerError]
        ) { request in
            APIResponse(try await service.eventLog(query: request.query))
        }
    }

    private var still: APIRoute {
        APIRoute(
            .get, Self.path + "/{event_id}/still.jpg", "getEventStill",
            "The picture of an event. Where nobody signs in, it asks for the password that the picture of its transmission asks for.",
            tag: "events", access: .viewer, response: ["type": "string", "contentMediaType": "image/jpeg"],
            responseType: "image/jpeg", refusals: [.unauthorized, .notFound, .tooManyRequests, .internalServerError],
            needsCredentials: true
        ) { request in
            let jpeg = try await service.eventStill(
                id: request[parameter: "event_id"], credentials: request.credentials, address: request.remoteAddress)
            // Not for ever: a better one may come a second later, and the log may be cleared.
            return APIResponse(data: jpeg, headers: [.cacheControl: "private, max-age=60"])
        }
    }

    private var clear: APIRoute {
        APIRoute(
            .delete, Self.path, "clearEvents", "Removes all events that are over, with their pictures.", tag: "events",
            response: Schema.reference("Deleted"), refusals: [.internalServerError]
        ) { _ in
            try await service.clearEventLog()
            return APIResponse(["deleted": true])
        }
    }
}

import HTTPTypes
import StreamModel

/// The description of the API, made of the routes that are really served (OpenAPI 3.1).
enum OpenAPIDocument {
    static let path = "/api/openapi.json"

    static func document(of routes: [APIRoute], version: String) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Toposync Streaming", "version": .string(version),
                "description": "Cameras, pipelines, transmissions and the engine that serves them.",
            ],
            // Relative, so that it holds behind a prefix too: the document stands in the folder `api`.
            "servers": [["url": ".."]],
            "paths": .object(
                Dictionary(grouping: routes, by: \.path).mapValues { routes in
                    .object(
                        Dictionary(
                            uniqueKeysWithValues: routes.map { ($0.method.rawValue.lowercased(), operation($0)) }))
                }),
            "components": [
                "schemas": .object(Schemas.all),
                "securitySchemes": [
                    "cookie": [
                        "type": "apiKey", "in": "cookie", "name": .string(IdentityMiddleware.cookieName),
                        "description": "Set by signing in.",
                    ],
                    "token": ["type": "http", "scheme": "bearer", "description": "A token made in the settings."],
                    "viewer": [
                        "type": "http", "scheme": "basic", "description": "Name and password of an output.",
                    ],
                ],
            ],
        ]
    }

    /// The route that answers the document.
    static func route(describing routes: [APIRoute], version: String) -> APIRoute {
        APIRoute(
            .get, path, "getOpenAPI", "This document.", tag: "settings", access: .viewer, response: ["type": "object"]
        ) { _ in
            APIResponse(document(of: routes + [route(describing: routes, version: version)], version: version))
        }
    }

    private static func operation(_ route: APIRoute) -> JSONValue {
        var members: [String: JSONValue] = [
            "operationId": .string(route.operationID), "summary": .string(route.summary), "tags": [.string(route.tag)],
            "responses": .object(responses(route)), "x-access": .string(route.access.rawValue),
            // The empty one: none is needed, or the server runs with `--access open`.
            "security": route.access == .everyone ? [[:]] : [["cookie": []], ["token": []], [:]],
        ]
        let parameters =
            route.parameterNames.map { name -> JSONValue in
                ["name": .string(name), "in": "path", "required": true, "schema": Schema.string]
            }
            + route.parameters.map { parameter -> JSONValue in
                [
                    "name": .string(parameter.name), "in": .string(parameter.place.rawValue), "required": false,
                    "schema": parameter.schema,
                    "description": .string(parameter.description),
                ]
            }
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        // Beside the others, because not every transmission asks for them.
        if route.needsCredentials {
            members["security"] = [["cookie": [], "viewer": []], ["viewer": []], ["cookie": []], [:]]
        }
        if let schema = route.requestSchema {
            members["requestBody"] = [
                "required": true, "content": [route.requestType: ["schema": Schema.reference(schema)]],
            ]
        }
        return .object(members)
    }

    private static func responses(_ route: APIRoute) -> [String: JSONValue] {
        var result: [String: JSONValue] = [
            String(route.status.code): [
                "description": "Done.", "content": [route.responseType: ["schema": route.responseSchema]],
            ],
            "403": refusal(.forbidden),
        ]
        if route.mayBeEmpty { result["204"] = ["description": "There is nothing to show."] }
        if let accepted = route.accepted {
            result["202"] = [
                "description": .string(accepted), "content": content(Schema.answer(["detail": Schema.string])),
            ]
        }
        if route.access != .everyone { result["401"] = refusal(.unauthorized) }
        if route.requestSchema != nil { result["413"] = refusal(.contentTooLarge) }
        if route.requestSchema != nil || route.parameters.contains(where: { $0.place == .query }) {
            result["422"] = [
                "description": "Fields of the request are wrong; nothing was changed.",
                "content": content(Schema.reference("ValidationFailure")),
            ]
        }
        for status in route.refusals { result[String(status.code)] = refusal(status) }
        return result
    }

    private static func refusal(_ status: HTTPResponse.Status) -> JSONValue {
        ["description": .string(status.reasonPhrase), "content": content(Schema.reference("Failure"))]
    }

    private static func content(_ schema: JSONValue) -> JSONValue { ["application/json": ["schema": schema]] }
}

import ControlPlane
import Foundation
import HTTPTypes
import StreamModel

/// What is set up, as a file, and back.
struct BackupRoutes {
    var service: StreamingService
    var productVersion: String

    /// A document of everything is longer than one of one thing. Home Assistant's ingress takes twice as much.
    private static let bodyLimit = 8 << 20

    var routes: [APIRoute] {
        [
            APIRoute(
                .get, "/api/backup", "getBackup", "Settings, cameras, pipelines and transmissions as one document.",
                tag: "settings",
                parameters: [
                    RequestParameter(
                        name: "secrets",
                        description:
                            "Whether the passwords of cameras, outputs and ICE servers are in it; false when left out. "
                            + "Accounts never are.",
                        schema: Schema.boolean)
                ],
                response: ["type": "object"]
            ) { request in
                var response = APIResponse(
                    try await service.backup(query: request.query, productVersion: productVersion))
                response.headers[.contentDisposition] = Self.attachment("toposync-backup", "json")
                return response
            },
            APIRoute(
                .post, "/api/restore", "restoreBackup",
                "Puts a backup in the place of everything that is set up, all of it or nothing; with `dry_run`, says what "
                    + "that would change. Accounts stay.",
                tag: "settings", request: "Restore", response: Schema.reference("RestoreReport"),
                refusals: [.badRequest, .conflict, .preconditionFailed], bodyLimit: Self.bodyLimit
            ) { request in
                APIResponse(try await service.restore(request.body), \.json)
            },
        ]
    }

    /// A file that a browser saves under a name with the day in it.
    static func attachment(_ name: String, _ suffix: String, at date: Date = Date()) -> String {
        let day = date.formatted(.iso8601.year().month().day())
        return #"attachment; filename="\#(name)-\#(day).\#(suffix)""#
    }
}

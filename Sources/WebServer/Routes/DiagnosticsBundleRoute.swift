import ControlPlane
import HTTPTypes
import StreamModel

/// What to send to whoever helps.
enum DiagnosticsBundleRoute {
    static func route(_ service: StreamingService, productVersion: String) -> APIRoute {
        APIRoute(
            .get, "/api/diagnostics/bundle", "getDiagnosticsBundle",
            "Status, logs, settings and the machine's facts as a ZIP file, without secrets.", tag: "runtime",
            response: ["type": "string", "contentMediaType": "application/zip"], responseType: "application/zip"
        ) { _ in
            APIResponse(
                data: await service.diagnosticsBundle(productVersion: productVersion),
                headers: [.contentDisposition: BackupRoutes.attachment("toposync-diagnostics", "zip")])
        }
    }
}

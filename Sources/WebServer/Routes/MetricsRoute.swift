import ControlPlane
import Foundation
import HTTPTypes
import StreamModel

/// Where Prometheus looks for counters.
enum MetricsRoute {
    static let path = "/metrics"

    static func route(_ service: StreamingService) -> APIRoute {
        APIRoute(
            .get, path, "getMetrics", "Counters and gauges in the text format of Prometheus.", tag: "runtime",
            access: .viewer, response: ["type": "string"], responseType: StreamingService.metricsContentType
        ) { _ in
            APIResponse(data: Data(await service.metrics().utf8), headers: [:])
        }
    }
}

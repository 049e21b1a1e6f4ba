import ControlPlane
import HTTPTypes
import StreamModel

/// The routes under `/api/webhooks`: how it goes with them. They are set up in the settings.
struct WebhookRoutes {
    var service: StreamingService

    var routes: [APIRoute] {
        [
            APIRoute(
                .get, "/api/webhooks", "getWebhooks", "How it goes with each webhook of the settings.", tag: "events",
                response: Schema.reference("WebhookStates")
            ) { _ in
                APIResponse(await service.webhookStates())
            },
            APIRoute(
                .post, "/api/webhooks/{webhook_id}/test", "testWebhook",
                "Sends a message of the type `test` to a webhook, once, and says whether it arrived.", tag: "events",
                response: Schema.reference("WebhookTest"), refusals: [.notFound]
            ) { request in
                APIResponse(try await service.testWebhook(id: request[parameter: "webhook_id"]))
            },
        ]
    }
}

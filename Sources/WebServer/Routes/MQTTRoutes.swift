import ControlPlane
import HTTPTypes
import StreamModel

/// The routes under `/api/mqtt`: how it goes with the broker, which is set up in the settings.
struct MQTTRoutes {
    var service: StreamingService

    var routes: [APIRoute] {
        [
            APIRoute(
                .get, "/api/mqtt", "getMQTT", "How it goes with the MQTT broker of the settings.", tag: "events",
                response: Schema.reference("MQTTStatus")
            ) { _ in
                APIResponse(await service.mqttStatus())
            },
            APIRoute(
                .post, "/api/mqtt/test", "testMQTT",
                "Connects with the MQTT broker of the settings, once, and says whether it works.", tag: "events",
                response: Schema.reference("MQTTTest")
            ) { _ in
                APIResponse(await service.testMQTT())
            },
        ]
    }
}

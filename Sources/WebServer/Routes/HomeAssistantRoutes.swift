import ConnectionLimits
import ControlPlane
import HTTPTypes
import StreamModel

/// Home Assistant as a place to add our streams to, where this server is its add-on.
struct HomeAssistantRoutes {
    static let path = "/api/home-assistant"

    var service: StreamingService
    /// The address that the web server listens on.
    var host: String
    var port: ListeningPort
    var isSecure: Bool

    var routes: [APIRoute] {
        [
            APIRoute(
                .get, Self.path, "getHomeAssistant",
                "Whether outputs can be added to Home Assistant as cameras, and why not.", tag: "settings",
                response: Schema.reference("HomeAssistant")
            ) { _ in
                APIResponse(await service.homeAssistantState().json)
            },
            APIRoute(
                .get, Self.path + "/cameras", "getHomeAssistantCameras",
                "The cameras of Home Assistant that can be sources here, and why there are none.", tag: "settings",
                response: Schema.reference("HomeAssistantCameras")
            ) { _ in
                APIResponse(await service.homeAssistantCameras().json)
            },
            APIRoute(
                .post, Self.path + "/cameras", "addToHomeAssistant",
                "Makes a camera in Home Assistant that shows an RTSP output; takes until Home Assistant has seen a picture.",
                tag: "settings", request: "HomeAssistantCamera", response: Schema.reference("AddedCamera"),
                refusals: [.notFound, .conflict, .badGateway, .serviceUnavailable]
            ) { request in
                let web = OwnWebAddress(
                    port: port.current ?? 0, isSecure: isSecure, isOpen: !IPAddress.isLoopback(host: host))
                let camera = try await request.client.whilePresent {
                    try await service.addToHomeAssistant(request.body, web: web)
                }
                return APIResponse(camera.json)
            },
        ]
    }
}

import StreamModel

@testable import ControlPlane

extension EngineEndpoint {
    /// An engine that has one port for everything.
    func set(_ kind: EngineKind = .builtin, port: Int) {
        set(
            kind, ports: EnginePorts(rtsp: port, hls: port, webrtc: port, api: port),
            client: EngineClient(port: port, user: "api", password: Secret("secret")))
    }
}

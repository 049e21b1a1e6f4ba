import EngineContract
import StreamModel

extension StreamingService {
    /// Where a program sends the picture of a camera that is an input, with the key that lets it.
    ///
    /// - Parameter requestHost: the host name of the request; it stands in the addresses when the engine is open to the network.
    /// - Throws: 404 for an unknown camera, and for one that is no input.
    public func inputAddresses(
        cameraID: String, requestHost: String?
    ) async throws(ControlPlaneError) -> InputAddresses {
        let stored = store.current
        guard let camera = stored.camera(cameraID) else { throw .cameraNotFound }
        guard let input = EngineInput(camera) else {
            throw .notFound(CodedMessage("camera_no_input", "No program sends to this camera: the server reads it."))
        }
        let settings = stored.settings.engine
        let running = endpoint.ports
        let ports = running ?? EnginePorts(settings.preferredPorts)
        let reached = settings.exposeToLAN ? ports.mapped(by: hostNetwork.current) : ports
        return InputAddresses(
            input: input, host: settings.exposeToLAN ? requestHost ?? "127.0.0.1" : "127.0.0.1",
            rtspPort: reached.rtsp, rtmpPort: reached.rtmp, webRTCPort: reached.webrtc, isSecure: engine.usesTLS,
            srtPort: reached.srt, srtHasPassphrase: settings.srt.passphrase != nil, engineIsRunning: running != nil,
            isReceiving: await isReceiving(input))
    }

    private func isReceiving(_ input: EngineInput) async -> Bool {
        guard let client = endpoint.client, let paths = try? await client.paths() else { return false }
        return paths.contains { $0.name == input.path && $0.ready == true }
    }
}

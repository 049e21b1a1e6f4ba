import StreamModel

/// What a first look at the program needs: the built-in moving picture, ready to be watched.
enum DemoSetup {
    /// Sets it up when nothing is set up yet, and switches the engine on.
    @Sendable static func setUp(_ stored: inout StoredConfiguration) throws {
        guard stored.isEmpty else { return }
        let camera = try Camera(json: ["name": "Demo", "url": .string(Camera.demoURL)])
        let encoding: [String: JSONValue] = [
            "resolution": ["width": 1280, "height": 720], "fps_limit": 25, "bitrate_kbps": 2500,
        ]
        let outputs = [OutputProtocol.hls, .rtsp].map { kind in
            JSONValue.object(
                encoding.merging(["id": .string(kind.rawValue), "protocol": .string(kind.rawValue)]) { $1 })
        }
        let transmission = try Transmission.creating(
            from: ["name": "Demo", "path": "demo", "outputs": .array(outputs)])
        let wizard = try WizardRequest(
            json: [
                "transmission_id": .string(transmission.id), "camera_id": .string(camera.id),
                "preset_id": .string(PipelinePreset.simpleStream.rawValue),
            ])
        stored.cameras = [camera]
        stored.transmissions = [transmission]
        stored.pipelines = [
            Pipeline(
                name: wizard.pipelineName(for: transmission, cameraID: "demo"), graph: wizard.graph(cameraID: camera.id)
            )
        ]
        stored.settings.engine.enabled = true
    }
}

import StreamModel

extension StreamingService {
    /// Makes the next picture of an output a keyframe (the Force IDR pulse of other encoders). Requests that come close
    /// together are one.
    ///
    /// - Throws: 404 for what does not exist; 409 for an output that is not encoded at the moment.
    public func forceKeyframe(transmissionID: String, outputID: String) async throws(ControlPlaneError) {
        let transmission = try await transmission(id: transmissionID)
        guard let output = transmission.servedOutputs.first(where: { $0.outputID == outputID }) else {
            guard transmission.outputs.contains(where: { $0.id == outputID }) else { throw .outputNotFound }
            throw .conflict(CodedMessage("output_off", "This output is switched off. Switch it on first."))
        }
        guard transmission.enabled else {
            throw .conflict(CodedMessage("transmission_off", "This transmission is switched off. Switch it on first."))
        }
        switch await workers.forceKeyframe(feeding: output.enginePath) {
        case .made: return
        case .notRunning:
            throw .conflict(
                CodedMessage(
                    "keyframe_of_idle",
                    "This output does not run, because nobody watches it. It begins with a keyframe when it starts."))
        case .cameraDecides:
            throw .conflict(
                CodedMessage(
                    "keyframe_of_camera",
                    "This output passes the camera's pictures on as they are, and the camera itself decides when it sends "
                        + "a keyframe. Set the pipeline's bypass_mode to force_off to have it encoded here."))
        }
    }
}

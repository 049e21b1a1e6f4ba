import StreamModel

/// The pipeline that the wizard made (contract A.2, `POST /wizard/create-pipeline`).
public struct WizardResult: Hashable, Sendable {
    public var pipelineName: String
    public var transmissionID: String
    /// The id of the camera that the request named by id, name or slug.
    public var cameraID: String
    public var preset: PipelinePreset
    public var engineRunning: Bool
    public var warnings: [CodedMessage]

    public var json: JSONValue {
        [
            "pipeline_name": .string(pipelineName), "transmission_id": .string(transmissionID),
            "camera_id": .string(cameraID), "preset_id": .string(preset.rawValue),
            "engine_running": .bool(engineRunning), "warnings": .array(warnings.map { .string($0.text) }),
            "warning_messages": .array(warnings.map(\.json)),
        ]
    }
}

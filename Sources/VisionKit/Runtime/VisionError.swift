public import StreamModel

/// Why pictures can't be looked into; the sentence says what to do.
public struct VisionError: Error, Hashable, Sendable {
    public let message: CodedMessage

    public init(_ message: CodedMessage) { self.message = message }

    private static let reasonLimit = 300

    /// The library can't be loaded, or is too old.
    static func runtime(_ reason: String) -> Self {
        let reason = String(reason.prefix(reasonLimit))
        return Self(
            CodedMessage(
                "vision_runtime_unusable", "ONNX Runtime can't be used (\(reason)). Install it again.",
                ["reason": .string(reason)]))
    }

    /// The file can't be read, or is no model that ONNX Runtime can run.
    static func model(_ reason: String) -> Self {
        let reason = String(reason.prefix(reasonLimit))
        return Self(
            CodedMessage(
                "vision_model_unusable", "The model can't be used (\(reason)). Choose another, or install it again.",
                ["reason": .string(reason)]))
    }

    /// It runs, but is no detector whose way is known.
    static func unknownModel(_ reason: String) -> Self {
        Self(
            CodedMessage(
                "vision_model_kind",
                "The model is no detector that is known here (\(reason)). YOLOX, RT-DETR, D-FINE and RF-DETR are.",
                ["reason": .string(reason)]))
    }
}

/// What this machine has to look into pictures with; nothing of it is a part of the product.
public struct VisionAssets: Hashable, Sendable, Codable {
    /// The absolute path of ONNX Runtime's library; nil where it is not installed.
    public var runtime: String?
    /// The absolute paths of ONNX files, by the model's id, such as `yolox_nano`.
    public var models: [String: String]

    public init(runtime: String? = nil, models: [String: String] = [:]) {
        self.runtime = runtime
        self.models = models
    }
}

/// What a sentence of a worker says and names, so that pages say the same in their own language.
public struct MessageCode: Hashable, Sendable, Codable {
    /// Such as `camera_timed_out`; never changes once released.
    public var code: String
    public var parameters: [String: String]

    public init(_ code: String, _ parameters: [String: String] = [:]) {
        self.code = code
        self.parameters = parameters
    }
}

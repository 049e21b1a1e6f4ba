/// Why the control plane can't start: one sentence that says what is wrong with the data directory and what to do.
public struct StartupError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

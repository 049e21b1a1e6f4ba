/// What was saved, and what went wrong when it was put into effect.
///
/// A change that is valid is kept even when it can't take effect at once, for example because the engine does not start;
/// the answer is a success that carries the warning.
public struct Applied<Value: Sendable>: Sendable {
    public var value: Value
    /// One sentence; nil when the change is in effect.
    public var warning: String?

    public init(_ value: Value, warning: String? = nil) {
        self.value = value
        self.warning = warning
    }
}

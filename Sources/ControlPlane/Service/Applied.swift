import StreamModel

/// What was saved, and what went wrong when it was put into effect.
///
/// A change that is valid is kept even when it can't take effect at once, for example because the engine does not start;
/// the answer is a success that carries the warning.
public struct Applied<Value: Sendable>: Sendable {
    public var value: Value
    /// The revision of everything that is stored, which each change increments; an answer with a smaller one is older.
    public var revision: Int
    /// One sentence; nil when the change is in effect.
    public var warning: CodedMessage?

    init(_ value: Value, revision: Int, warning: CodedMessage? = nil) {
        self.value = value
        self.revision = revision
        self.warning = warning
    }

    func with<Other>(_ value: Other, warning: CodedMessage?) -> Applied<Other> {
        Applied<Other>(value, revision: revision, warning: warning)
    }
}

/// A password or token. Whatever prints it prints a mask; `exposed` is the only way to the text.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands in place of a secret in every description.
    public static let mask = "••••"

    /// The text itself.
    public let exposed: String

    public init(_ text: String) { exposed = text }

    public var isEmpty: Bool { exposed.isEmpty }
    public var description: String { Self.mask }
    public var debugDescription: String { Self.mask }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Optional<Secret> {
    /// The secret that an update leaves in force: an omitted one keeps the stored one, an empty one clears it.
    func keeping(_ stored: Secret?) -> Secret? {
        guard let update = self else { return stored }
        return update.isEmpty ? nil : update
    }
}

/// What can be seen in pictures.
public enum EventKind: String, CaseIterable, Hashable, Codable, Sendable {
    /// Something moves.
    case motion
    /// A thing that has a name.
    case object
}

import Crypto
import StreamModel

/// Names one state of a configured thing (RFC 9110 §8.8.3). It is made of what answers show, so it tells nothing of secrets.
public struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    /// As in a header, with its quotes.
    public let description: String

    public init(of representation: JSONValue) {
        description = "\"\(SHA256.hash(data: representation.data).prefix(16).hexadecimal)\""
    }
}

/// What a request asks for before it changes anything, by `If-Match` (RFC 9110 §13.1.1).
public enum Precondition: Hashable, Sendable {
    /// Nothing, or only that the thing exists (`*`).
    case none
    /// That the thing is in one of these states.
    case state([String])

    public init(ifMatch: String?) {
        let tags = (ifMatch ?? "*").split(separator: ",").map(\.trimmed)
        self = tags.contains("*") ? .none : .state(tags)
    }

    /// - Parameter representation: what an answer would show of the thing now.
    /// - Throws: ``ControlPlaneError/preconditionFailed(_:)``
    func check(_ representation: @autoclosure () -> JSONValue) throws(ControlPlaneError) {
        guard case .state(let tags) = self, !tags.contains(EntityTag(of: representation()).description) else { return }
        throw .preconditionFailed(
            CodedMessage("changed_meanwhile", "It was changed meanwhile. Load it again, and repeat your change."))
    }
}

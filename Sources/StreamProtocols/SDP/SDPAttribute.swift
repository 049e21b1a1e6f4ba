/// An `a=` line (RFC 4566 §5.13): a property (`a=recvonly`) or a name with a value (`a=control:trackID=1`).
public struct SDPAttribute: Sendable, Equatable {
    public var name: String
    public var value: String?

    public init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }
}

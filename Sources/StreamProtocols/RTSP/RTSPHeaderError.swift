/// A header whose value can't be understood; a server answers 400.
public struct RTSPHeaderError: Error, Equatable, CustomStringConvertible {
    public var header: String
    /// The value, cut short and without control characters.
    public var value: String

    public init(header: String, value: String) {
        self.header = header
        self.value = printable(value.utf8)
    }

    public var description: String { "The \(header) header \"\(value)\" is malformed." }
}

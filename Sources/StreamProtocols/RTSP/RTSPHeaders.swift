/// Header fields in the order they came; names compare without case (RFC 2326 §4, RFC 2616 §4.2).
public struct RTSPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One header field.
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public private(set) var fields: [Field]

    public init() { fields = [] }

    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first field of that name. Setting replaces all of that name by one at the place of the first, and nil
    /// removes them.
    public subscript(_ name: String) -> String? {
        get { fields.first { $0.name.equalsIgnoringASCIICase(name) }?.value }
        set {
            let index = fields.firstIndex { $0.name.equalsIgnoringASCIICase(name) }
            fields.removeAll { $0.name.equalsIgnoringASCIICase(name) }
            guard let newValue else { return }
            // Only fields of this name were removed, none of them before the first: its index is still in bounds.
            fields.insert(Field(name: name, value: newValue), at: index ?? fields.endIndex)
        }
    }

    /// Adds a field after the others, also when there is one of that name already.
    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The values of all fields of that name, in order.
    public func all(_ name: String) -> [String] {
        fields.filter { $0.name.equalsIgnoringASCIICase(name) }.map(\.value)
    }

    /// Continues the last field's value (a folded line, RFC 2616 §2.2).
    mutating func continueLast(with text: String) {
        guard var last = fields.popLast() else { return }
        last.value += last.value.isEmpty || text.isEmpty ? text : " " + text
        fields.append(last)
    }

    func append(to bytes: inout [UInt8]) {
        for field in fields {
            bytes.appendHeaderText(field.name)
            bytes.append(contentsOf: ": ".utf8)
            bytes.appendHeaderText(field.value)
            bytes.append(contentsOf: "\r\n".utf8)
        }
    }
}

extension [UInt8] {
    /// Appends text that stays on its line: a CR, LF or NUL would let whoever chose the text write headers of his own.
    mutating func appendHeaderText(_ text: String) {
        append(contentsOf: text.utf8.lazy.map { $0 == 0x0D || $0 == 0x0A || $0 == 0 ? 0x20 : $0 })
    }
}

/// A step on the way to a field: a member's name or an element's index.
public enum LocationComponent: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case member(String)
    case element(Int)

    public init(stringLiteral value: String) { self = .member(value) }
    public init(integerLiteral value: Int) { self = .element(value) }

    var json: JSONValue {
        switch self {
        case .member(let name): .string(name)
        case .element(let index): .integer(index)
        }
    }

    /// As it stands in a sentence.
    package var text: String {
        switch self {
        case .member(let name): name
        case .element(let index): String(index)
        }
    }
}

/// One wrong field, in the shape that clients of the reference API know (contract A.0: `type`, `loc`, `msg`, `input`).
public struct ValidationIssue: Hashable, Sendable {
    /// The machine-readable kind, such as `missing` or `extra_forbidden`.
    public var type: String
    /// Where the field stands, from `body` down.
    public var location: [LocationComponent]
    /// A sentence for people.
    public var message: String { coded.text }
    /// The sentence, also for other languages; what is long in it is cut.
    public var coded: CodedMessage
    /// What was sent, unless it is or holds a secret, or is long.
    public var input: JSONValue

    public init(type: String, location: [LocationComponent], message: CodedMessage, input: JSONValue) {
        self.type = type
        self.location = location
        coded = CodedMessage(message.code, message.text.cut, message.parameters.mapValues(\.cut))
        // What was sent as a secret is one, whatever is wrong with it.
        let isSecret = if case .member(let name) = location.last { Redaction.isSecret(name: name) } else { false }
        self.input = input.isShort && !isSecret ? input.hidingSecrets : .null
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "type": .string(type), "loc": .array(location.map(\.json)), "msg": .string(message), "input": input,
        ]
        if coded.isTranslatable {
            members["code"] = .string(coded.code)
            members["parameters"] = .object(coded.parameters)
        }
        return .object(members)
    }
}

/// Everything that is wrong with a value that a user sent: the 422 answer.
public struct ValidationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var issues: [ValidationIssue]

    public init(_ issues: [ValidationIssue]) { self.issues = issues }

    /// One issue about one field.
    public init(
        _ message: CodedMessage, at location: [LocationComponent], type: String = "value_error",
        input: JSONValue = .null
    ) {
        issues = [ValidationIssue(type: type, location: location, message: message, input: input)]
    }

    public var description: String {
        issues.map { "\($0.location.map(\.text).joined(separator: ".")): \($0.message)" }.joined(separator: "; ")
    }
}

extension JSONValue {
    /// Bytes, roughly, of what an issue repeats.
    fileprivate static let shortByteCount = 1024

    /// Whether an issue may repeat it. A hundred issues may be about one list of thousands: an answer must not outgrow its request,
    /// nor looking for secrets take longer than reading.
    fileprivate var isShort: Bool {
        var room = Self.shortByteCount
        return fits(into: &room)
    }

    /// As a sentence names it: what is long is cut, or left out.
    fileprivate var cut: JSONValue {
        if case .string(let text) = self { return .string(text.cut) }
        return isShort ? self : .null
    }

    private func fits(into room: inout Int) -> Bool {
        switch self {
        case .null, .bool, .integer, .number: room -= 8
        case .string(let text): room -= text.utf8.count
        case .array(let elements):
            room -= elements.count
            guard room >= 0 else { return false }
            for element in elements where !element.fits(into: &room) { return false }
        case .object(let members):
            room -= members.count
            guard room >= 0 else { return false }
            for (name, value) in members {
                room -= name.utf8.count
                guard value.fits(into: &room) else { return false }
            }
        }
        return room >= 0
    }
}

extension String {
    /// The beginning of what is longer than an issue may be.
    fileprivate var cut: String {
        guard utf8.count > JSONValue.shortByteCount else { return self }
        return String(unicodeScalars.prefix(JSONValue.shortByteCount)) + "…"
    }
}

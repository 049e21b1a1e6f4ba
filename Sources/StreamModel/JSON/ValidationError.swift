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
    public var message: String
    /// What was sent, unless it is or holds a secret, or is long.
    public var input: JSONValue
    /// Of the sentence; nil for one that is only there in English.
    public var code: MessageCode?

    public init(
        type: String, location: [LocationComponent], message: String, input: JSONValue, code: MessageCode? = nil
    ) {
        self.code = code
        self.type = type
        self.location = location
        self.message = message
        self.input = input.isShort ? input.hidingSecrets : .null
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "type": .string(type), "loc": .array(location.map(\.json)), "msg": .string(message), "input": input,
        ]
        if let code {
            members["code"] = .string(code.code)
            members["parameters"] = .object(code.parameters.mapValues(JSONValue.string))
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
        _ message: String, at location: [LocationComponent], type: String = "value_error", input: JSONValue = .null,
        code: MessageCode? = nil
    ) {
        issues = [ValidationIssue(type: type, location: location, message: message, input: input, code: code)]
    }

    public var description: String {
        issues.map { "\($0.location.map(\.text).joined(separator: ".")): \($0.message)" }.joined(separator: "; ")
    }
}

extension JSONValue {
    /// Bytes, roughly, of what an issue repeats.
    private static let shortByteCount = 1024

    /// Whether an issue may repeat it. A hundred issues may be about one list of thousands: an answer must not outgrow its request,
    /// nor looking for secrets take longer than reading.
    fileprivate var isShort: Bool {
        var room = Self.shortByteCount
        return fits(into: &room)
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

import StreamModel

/// Pieces of JSON Schema (2020-12, the dialect of OpenAPI 3.1).
enum Schema {
    static let string: JSONValue = ["type": "string"]
    static let boolean: JSONValue = ["type": "boolean"]
    static let integer: JSONValue = ["type": "integer"]
    static let number: JSONValue = ["type": "number"]
    static let timestamp: JSONValue = ["type": "string", "format": "date-time"]
    /// A text that requests may send and answers never show.
    static let password: JSONValue = ["type": ["string", "null"], "writeOnly": true, "format": "password"]

    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    static func integer(_ range: ClosedRange<Int>) -> JSONValue {
        ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
    }

    static func number(_ range: ClosedRange<Double>) -> JSONValue {
        ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ choice: Choice.Type) -> JSONValue {
        ["type": "string", "enum": .array(choice.allCases.map { .string($0.rawValue) })]
    }

    static func nullable(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }

    /// An object; `required` names the members that are always there.
    static func object(
        _ members: [String: JSONValue], required: [String] = [], allowsOthers: Bool = true
    ) -> JSONValue {
        [
            "type": "object", "properties": .object(members),
            "required": .array(required.sorted().map(JSONValue.string)),
            "additionalProperties": .bool(allowsOthers),
        ]
    }

    /// An object of an answer, all of whose members are always there.
    static func answer(_ members: [String: JSONValue]) -> JSONValue {
        object(members, required: Array(members.keys))
    }
}

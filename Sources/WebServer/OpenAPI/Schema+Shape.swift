import StreamModel

extension Schema {
    /// The schema of an object, made of how it is read.
    ///
    /// - Parameters:
    ///   - required: members beside those that reading asks for.
    ///   - allowsOthers: nil for what reading does with others.
    static func object(
        _ shape: ObjectShape, refining refinements: [String: JSONValue] = [:], without left: Set<String> = [],
        adding others: [String: JSONValue] = [:], required: [String] = [], allowsOthers: Bool? = nil
    ) -> JSONValue {
        let asked = shape.members.filter { $0.value.isRequired && !left.contains($0.key) }.map(\.key)
        return object(
            members(shape, refining: refinements, without: left).merging(others) { $1 },
            required: Array(Set(asked).union(required)), allowsOthers: allowsOthers ?? !shape.refusesOthers)
    }

    /// The schemas of the members of a shape.
    ///
    /// - Parameters:
    ///   - refinements: what is said of some of them that reading does not show; of members that there aren't, nothing is.
    ///   - left: members that are not for whom it describes.
    static func members(
        _ shape: ObjectShape, refining refinements: [String: JSONValue] = [:], without left: Set<String> = []
    ) -> [String: JSONValue] {
        shape.members.filter { !left.contains($0.key) }.reduce(into: [:]) { result, member in
            result[member.key] = refinements[member.key] ?? schema(of: member.value)
        }
    }

    private static func schema(of member: ObjectShape.Member) -> JSONValue {
        let schema: JSONValue =
            switch member.kind {
            case .string: string
            case .secret: password
            case .boolean: member.isReadOnly ? ["type": "boolean", "readOnly": true] : boolean
            case .integer(.min ... .max): integer
            case .integer(let range): integer(range)
            case .number(let range): number(range)
            case .choice(let values): ["type": "string", "enum": .array(values.map(JSONValue.string))]
            case .strings: list(string)
            case .object(let shape): object(shape)
            case .objects(let shape): list(object(shape))
            case .any: [:]
            }
        return member.isNullable && member.kind != .secret ? nullable(schema) : schema
    }
}

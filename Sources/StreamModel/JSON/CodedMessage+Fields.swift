/// What is wrong with a member of an object.
extension CodedMessage {
    static func tooSmall(_ minimum: String) -> Self {
        Self("field_too_small", "Input should be greater than or equal to \(minimum)", ["minimum": .string(minimum)])
    }

    static func notAbove(_ minimum: String) -> Self {
        Self("field_not_above", "Input should be greater than \(minimum)", ["minimum": .string(minimum)])
    }

    static func tooLarge(_ maximum: String) -> Self {
        Self("field_too_large", "Input should be less than or equal to \(maximum)", ["maximum": .string(maximum)])
    }

    static let noText = Self("field_no_text", "Input should be a valid string")

    static func notOneOf(_ values: [String]) -> Self {
        let names = values.map { "'\($0)'" }
        let list =
            names.count > 1
            ? names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1] : names.joined()
        return Self(
            "field_none_of_these", "Input should be \(list)", ["choices": .string(values.joined(separator: ", "))])
    }
}

import StreamModel

/// A sentence for the user, with what a page needs to say the same in its own language.
public struct CodedMessage: Hashable, Sendable {
    /// Such as `camera_lost`; never changes once released.
    public var code: String
    /// In English.
    public var text: String
    /// What the sentence names.
    public var parameters: [String: JSONValue]

    /// The code of a sentence that is only there in English, such as those of a camera.
    static let freeText = "text"

    init(_ code: String, _ text: String, _ parameters: [String: JSONValue] = [:]) {
        self.code = code
        self.text = text
        self.parameters = parameters
    }

    /// The members of an answer that has a sentence, or none, as `name`.
    public static func members(_ name: String, _ message: Self?) -> [String: JSONValue] {
        [
            name: JSONValue(message?.text), "\(name)_code": JSONValue(message?.code),
            "\(name)_parameters": .object(message?.parameters ?? [:]),
        ]
    }

    /// Without credentials.
    var redacted: Self {
        Self(
            code, text.redactingCredentials,
            parameters.mapValues { value in value.stringValue.map { .string($0.redactingCredentials) } ?? value })
    }
}

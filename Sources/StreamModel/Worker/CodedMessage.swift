/// A sentence for the user, with what a page needs to say the same in its own language.
public struct CodedMessage: Hashable, Sendable, Codable {
    /// Such as `camera_lost`; never changes once released.
    public var code: String
    /// In English.
    public var text: String
    /// What the sentence names; another sentence as its ``json``.
    public var parameters: [String: JSONValue]

    /// The code of a sentence that is only there in English, such as that of a driver.
    public static let freeText = "text"

    /// A sentence that is only there in English.
    public static func freeText(_ text: String) -> Self { Self(freeText, text) }

    public init(_ code: String, _ text: String, _ parameters: [String: JSONValue] = [:]) {
        self.code = code
        self.text = text
        self.parameters = parameters
    }

    /// Something is sent that nothing is known of.
    package static let unknownField = Self("field_unknown", "Extra inputs are not permitted")
    package static let missingField = Self("field_missing", "Field required")

    /// What a worker says; without a code it is only there in English.
    public init(_ code: MessageCode?, _ text: String) {
        self.init(code?.code ?? Self.freeText, text, code?.parameters.mapValues(JSONValue.string) ?? [:])
    }

    /// As one of a list, or as what another sentence names.
    public var json: JSONValue {
        ["code": .string(code), "text": .string(text), "parameters": .object(parameters)]
    }

    /// Whether pages can say it in their own language.
    public var isTranslatable: Bool { code != Self.freeText }

    /// The members of an answer that has a sentence, or none, as `name`.
    public static func members(_ name: String, _ message: Self?) -> [String: JSONValue] {
        [
            name: JSONValue(message?.text), "\(name)_code": JSONValue(message?.code),
            "\(name)_parameters": .object(message?.parameters ?? [:]),
        ]
    }

    /// Without credentials.
    public var redacted: Self { Self(code, text.redactingCredentials, parameters.mapValues(\.hidingSecrets)) }
}

extension CameraStatus {
    /// What is wrong with the camera.
    public var coded: CodedMessage? { message.map { CodedMessage(messageCode, $0) } }
}

extension RenditionStatus {
    /// What is wrong with the rendition.
    public var coded: CodedMessage? { message.map { CodedMessage(messageCode, $0) } }
}

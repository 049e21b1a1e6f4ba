import Foundation

/// A configured thing that is read field by field from JSON, so that *every* wrong field is named in one answer.
public protocol JSONModel: Codable, Hashable, Sendable {
    /// Reads the value. Wrong fields are recorded in the reader; the value returned then is only good for further checks.
    init(reading reader: ObjectReader)

    /// The whole value with its secrets, for the store and for the worker.
    var json: JSONValue { get }
}

extension JSONModel {
    /// Reads a value from JSON.
    ///
    /// - Parameter location: where the value stands in the request, for the issues (`["body", "outputs", 0]`).
    /// - Throws: ``ValidationError`` with every wrong field.
    public init(json: JSONValue, at location: [LocationComponent] = ["body"]) throws(ValidationError) {
        let issues = IssueList()
        let value = Self(reading: ObjectReader(json, at: location, issues: issues))
        try issues.throwIfAny()
        self = value
    }

    public init(from decoder: any Decoder) throws {
        try self.init(json: JSONValue(from: decoder), at: [])
    }

    public func encode(to encoder: any Encoder) throws {
        try json.encode(to: encoder)
    }
}

extension JSONValue {
    /// Parses a JSON document.
    ///
    /// - Throws: ``ValidationError`` of type `json_invalid` when the text is not JSON, or of a kind that nobody writes: nested
    ///   deeper than ``JSONParser/depthLimit``, or with a text that is not ``Swift/StringProtocol/isStreamSafe``.
    public init(parsing data: Data) throws(ValidationError) {
        do {
            self = try JSONParser.parse(data)
        } catch {
            throw ValidationError([
                ValidationIssue(
                    type: "json_invalid", location: ["body"],
                    message: CodedMessage("json_unreadable", "JSON decode error"), input: [:])
            ])
        }
    }

    /// The document as UTF-8 text on one line, with sorted keys.
    public var data: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A JSONValue holds nothing but finite values of JSON's own types, unless somebody made it of other numbers.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "", negativeInfinity: "", nan: "")
        return (try? encoder.encode(self)) ?? Data("null".utf8)
    }
}

extension JSONValue {
    /// A value as the JSON that it encodes to.
    ///
    /// - Throws: the `EncodingError` of a value that JSON can't hold.
    public init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }
}

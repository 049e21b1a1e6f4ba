import StreamModel

/// A key of the engine's configuration: how it is read and written. One table of these drives the file, the API and the
/// list of keys that are known.
struct ConfigurationField<Root> {
    let name: String
    let read: (Root) -> JSONValue
    let write: (inout Root, JSONValue, String) throws(EngineConfigurationError) -> Void

    private init<Value>(
        _ name: String, _ path: WritableKeyPath<Root, Value>, expected: String,
        to encode: @escaping (Value) -> JSONValue, from decode: @escaping (JSONValue) -> Value?
    ) {
        self.init(name, path, to: encode) { (json, place) throws(EngineConfigurationError) in
            guard let value = decode(json) else { throw .wrongValue(key: place, expected: expected) }
            return value
        }
    }

    private init<Value>(
        _ name: String, _ path: WritableKeyPath<Root, Value>, to encode: @escaping (Value) -> JSONValue,
        reading decode: @escaping (JSONValue, _ place: String) throws(EngineConfigurationError) -> Value
    ) {
        self.name = name
        read = { encode($0[keyPath: path]) }
        write = { (root, json, place) throws(EngineConfigurationError) in
            root[keyPath: path] = try decode(json, place)
        }
    }

    static func string(_ name: String, _ path: WritableKeyPath<Root, String>) -> Self {
        Self(name, path, expected: "a text", to: { .string($0) }, from: { $0.scalarText })
    }

    static func bool(_ name: String, _ path: WritableKeyPath<Root, Bool>) -> Self {
        Self(
            name, path, expected: "true or false", to: { .bool($0) },
            from: { json in
                switch json {
                case .bool(let value): value
                // YAML 1.1's other spellings of a truth value, which MediaMTX's files use.
                case .string("yes"), .string("on"): true
                case .string("no"), .string("off"): false
                case .null, .integer, .number, .string, .array, .object: nil
                }
            })
    }

    static func integer(_ name: String, _ path: WritableKeyPath<Root, Int>, in range: ClosedRange<Int>) -> Self {
        Self(
            name, path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            to: { .integer($0) }, from: { $0.integerValue.flatMap { range.contains($0) ? $0 : nil } })
    }

    static func duration(_ name: String, _ path: WritableKeyPath<Root, Duration>) -> Self {
        Self(
            name, path, expected: "a duration such as 10s or 200ms", to: { .string(DurationText.format($0)) },
            from: { $0.stringValue.flatMap(DurationText.parse) })
    }

    static func byteCount(_ name: String, _ path: WritableKeyPath<Root, Int>) -> Self {
        Self(
            name, path, expected: "a size such as 50M", to: { .string(ByteCountText.format($0)) },
            from: { $0.scalarText.flatMap(ByteCountText.parse) })
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Root, Choice>
    ) -> Self {
        Self(
            name, path, expected: Choice.allCases.map(\.rawValue).joined(separator: ", "),
            to: { .string($0.rawValue) }, from: { $0.stringValue.flatMap(Choice.init(rawValue:)) })
    }

    /// Null is none, and is not written.
    static func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Root, Choice?>
    ) -> Self {
        Self(
            name, path, expected: Choice.allCases.map(\.rawValue).joined(separator: ", "),
            to: { $0.map { .string($0.rawValue) } ?? .null },
            from: { json in
                if json == .null { return .some(nil) }
                return json.stringValue.flatMap(Choice.init(rawValue:)).map { .some($0) }
            })
    }

    /// Null, and an empty text, is none, and is not written.
    ///
    /// - Parameter range: its length in bytes.
    static func secret(
        _ name: String, _ path: WritableKeyPath<Root, Secret?>, ofLength range: ClosedRange<Int>
    ) -> Self {
        Self(
            name, path, expected: "a text of \(range.lowerBound) to \(range.upperBound) characters",
            to: { $0.map { .string($0.exposed) } ?? .null },
            from: { json in
                if json == .null || json == .string("") { return .some(nil) }
                guard let text = json.stringValue, range.contains(text.utf8.count) else { return nil }
                return .some(Secret(text))
            })
    }

    /// Null and the empty text are none, and are not written.
    static func optionalString(_ name: String, _ path: WritableKeyPath<Root, String?>) -> Self {
        Self(
            name, path, expected: "a text", to: { $0.map { .string($0) } ?? .null },
            from: { json in json.scalarText.map { text -> String? in text.isEmpty ? nil : text } })
    }

    static func strings(_ name: String, _ path: WritableKeyPath<Root, [String]>) -> Self {
        list(name, path, of: "texts", to: { .string($0) }) { (json, place) throws(EngineConfigurationError) in
            guard let text = json.scalarText else { throw .wrongValue(key: place, expected: "a text") }
            return text
        }
    }

    static func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Root, [Choice]>
    ) -> Self {
        let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return list(name, path, of: all, to: { .string($0.rawValue) }) {
            (json, place) throws(EngineConfigurationError) in
            guard let choice = json.stringValue.flatMap(Choice.init(rawValue:)) else {
                throw .wrongValue(key: place, expected: "one of \(all)")
            }
            return choice
        }
    }

    /// A list; an error names the element and what in it is wrong.
    ///
    /// - Parameter plural: what the elements are, for the error of something else than a list.
    static func list<Element>(
        _ name: String, _ path: WritableKeyPath<Root, [Element]>, of plural: String,
        to encode: @escaping (Element) -> JSONValue,
        from decode: @escaping (JSONValue, _ place: String) throws(EngineConfigurationError) -> Element
    ) -> Self {
        Self(name, path, to: { .array($0.map(encode)) }) { (json, place) throws(EngineConfigurationError) in
            try json.elements(at: place, of: plural, decode)
        }
    }
}

extension JSONValue {
    /// The elements of a list, each read by `decode`; null is the empty list.
    func elements<Element>(
        at place: String, of plural: String,
        _ decode: (JSONValue, _ place: String) throws(EngineConfigurationError) -> Element
    ) throws(EngineConfigurationError) -> [Element] {
        guard self != .null else { return [] }
        guard let elements = arrayValue else { throw .wrongValue(key: place, expected: "a list of \(plural)") }
        var values: [Element] = []
        for (index, element) in elements.enumerated() { values.append(try decode(element, "\(place)[\(index)]")) }
        return values
    }

    /// The members of a mapping that has no others than `known`.
    func members(
        at place: String, known: Set<String>
    ) throws(EngineConfigurationError) -> [String: JSONValue] {
        guard let members = objectValue else {
            throw .wrongValue(key: place, expected: "a mapping of \(known.sorted().joined(separator: ", "))")
        }
        if let unknown = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw .unknownKey("\(place).\(unknown)")
        }
        return members
    }

    /// A scalar as text: YAML reads an unquoted address `9997` as a number.
    fileprivate var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .null: ""
        case .bool, .number, .array, .object: nil
        }
    }
}

/// Why a configuration can't be used.
public enum EngineConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    case notYAML(String)
    case notAMapping
    case wrongValue(key: String, expected: String)
    /// A key where nothing may be overlooked.
    case unknownKey(String)
    case badPathName(String, problem: String)
    /// A name or password with characters that have to be hashed.
    case badCredential(user: String)

    public var description: String {
        switch self {
        case .notYAML(let reason): "The engine's configuration is not valid YAML: \(reason)"
        case .notAMapping: "The engine's configuration has to be a mapping of keys to values."
        case .wrongValue(let key, let expected): "The key '\(key)' of the engine's configuration has to be \(expected)."
        case .unknownKey(let key):
            "The key '\(key)' of the engine's configuration is not known. It is about who may do what, so it is not ignored: remove it."
        case .badPathName(let name, let problem):
            "The path '\(name)' of the engine's configuration can't be used. \(problem)"
        case .badCredential(let user):
            "The name or the password of the user '\(user)' of the engine's configuration has characters that have to be hashed."
        }
    }
}

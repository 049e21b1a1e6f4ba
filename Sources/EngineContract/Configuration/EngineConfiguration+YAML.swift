import StreamModel
import Yams

extension EngineConfiguration {
    /// Reads a configuration file.
    ///
    /// - Returns: the configuration, and the keys that are not part of the subset, with their full names, to be warned of.
    /// - Throws: ``EngineConfigurationError`` for a file that can't be used.
    public static func parse(
        yaml: String
    ) throws(EngineConfigurationError) -> (configuration: EngineConfiguration, unknownKeys: [String]) {
        let document: JSONValue
        do {
            // A file without any node means every default.
            document = try compose(yaml: yaml) == nil ? [:] : YAMLDecoder().decode(JSONValue.self, from: yaml)
        } catch {
            throw .notYAML(String(describing: error))
        }
        guard case .object(var members) = document else { throw .notAMapping }
        var configuration = EngineConfiguration()
        let paths = members.removeValue(forKey: "paths") ?? [:]
        var unknown = try configuration.apply(members)
        guard let entries = paths == .null ? [:] : paths.objectValue else {
            throw .wrongValue(key: "paths", expected: "a mapping of names to settings")
        }
        for (name, settings) in entries {
            var path = PathConfiguration()
            let place = "paths.\(name)."
            guard let keys = settings == .null ? [:] : settings.objectValue else {
                throw .wrongValue(key: "paths.\(name)", expected: "a mapping")
            }
            unknown += try path.apply(keys, place: place)
            try configuration.setPath(name, path)
        }
        return (configuration, unknown.sorted())
    }

    /// Adds or replaces the settings of a path.
    ///
    /// - Throws: ``EngineConfigurationError`` when the name can't be used.
    public mutating func setPath(_ name: String, _ path: PathConfiguration) throws(EngineConfigurationError) {
        try Self.checkPathName(name)
        paths[name] = path
    }

    /// - Throws: for what is neither a path nor a pattern.
    public static func checkPathName(_ name: String) throws(EngineConfigurationError) {
        if !name.hasPrefix("~"), let problem = PathName.problem(with: name) {
            throw .badPathName(name, problem: problem.text)
        }
    }

    /// The file. Every text and every path's name is quoted, because YAML would read a path called `on` as a truth value.
    ///
    /// - Parameter version: the release of MediaMTX that reads it; nil is the built-in engine.
    public func yaml(for version: MediaMTXVersion?) -> String {
        var lines = entries(for: version).flatMap { YAMLText.entry($0.name, $0.value, indent: 0) }
        lines.append(paths.isEmpty ? "paths: {}" : "paths:")
        for (name, path) in paths.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(YAMLText.quote(name)):")
            lines += PathConfiguration.fields.written(of: path).flatMap {
                YAMLText.entry($0.name, $0.value, indent: 4)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The file as the built-in engine reads it.
    public var yaml: String { yaml(for: nil) }
}

/// Writes the little YAML that a configuration needs.
private enum YAMLText {
    static func entry(_ name: String, _ value: JSONValue, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        switch value {
        case .array(let elements) where !elements.isEmpty:
            return ["\(margin)\(name):"] + elements.flatMap { item($0, indent: indent + 2) }
        case .object(let members) where !members.isEmpty:
            return ["\(margin)\(name):"]
                + members.sorted { $0.key < $1.key }.flatMap { entry($0.key, $0.value, indent: indent + 2) }
        case .null, .bool, .integer, .number, .string, .array, .object:
            return ["\(margin)\(name): \(scalar(value))"]
        }
    }

    private static func item(_ value: JSONValue, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        guard case .object(let members) = value else { return ["\(margin)- \(scalar(value))"] }
        var lines = members.sorted { $0.key < $1.key }.flatMap { entry($0.key, $0.value, indent: indent + 2) }
        if let first = lines.first { lines[0] = "\(margin)- " + first.dropFirst(indent + 2) }
        return lines
    }

    private static func scalar(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let truth): truth ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .string(let text): quote(text)
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// A double-quoted scalar (YAML 1.2, 7.3.1).
    static func quote(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\t": "\\t"
            case "\r": "\\r"
            default:
                if scalar.value < 0x20 || scalar.value == 0x7f {
                    "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                } else {
                    String(scalar)
                }
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}

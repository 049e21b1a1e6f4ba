import EngineContract

/// Which settings a path has: those under its own name, else those of the first regular expression that fits, else
/// those of `all_others`.
struct PathTable {
    struct Entry: Equatable {
        /// The name in the configuration.
        var configurationName: String
        var configuration: PathConfiguration
        /// The texts of the regular expression's groups, for `$G1` … of hooks.
        var groups: [String] = []

        /// What closes the path when it is another. The rest is looked up when somebody needs it.
        var kept: Entry {
            var entry = self
            entry.configuration.webrtcLowerPath = nil
            return entry
        }
    }

    private(set) var configurations: [String: PathConfiguration]
    /// In the order of their names, as MediaMTX tries them.
    private var patterns: [(name: String, regex: PathRegex)]

    /// - Throws: ``PathRegexError`` when a name that begins with `~` is not a regular expression.
    init(_ configurations: [String: PathConfiguration]) throws(PathRegexError) {
        self.configurations = configurations
        var patterns: [(name: String, regex: PathRegex)] = []
        for name in configurations.keys.sorted() where Self.isPattern(name) {
            patterns.append((name, try PathRegex(String(name.dropFirst()))))
        }
        self.patterns = patterns
    }

    private static func isPattern(_ name: String) -> Bool { name.hasPrefix("~") }

    /// Whether a name in the configuration is a path by itself, so that its settings are nobody else's.
    static func isStatic(_ name: String) -> Bool { !isPattern(name) && name != PathConfiguration.allOthers }

    /// Gives a name settings, or takes them from it. What that costs does not grow with the number of paths, unless the name
    /// is a pattern.
    ///
    /// - Throws: as at the beginning; nothing has changed then.
    mutating func set(_ name: String, _ configuration: PathConfiguration?) throws(PathRegexError) {
        guard Self.isPattern(name) else {
            configurations[name] = configuration
            return
        }
        var changed = configurations
        changed[name] = configuration
        self = try PathTable(changed)
    }

    /// The names that are paths by themselves, and so exist without a publisher or reader.
    var staticNames: [String] {
        configurations.keys.filter(Self.isStatic).sorted()
    }

    func entry(for name: String) -> Entry? {
        if name != PathConfiguration.allOthers, let configuration = configurations[name] {
            return Entry(configurationName: name, configuration: configuration)
        }
        for (patternName, regex) in patterns {
            if let groups = regex.groups(in: name), let configuration = configurations[patternName] {
                return Entry(configurationName: patternName, configuration: configuration, groups: groups)
            }
        }
        return configurations[PathConfiguration.allOthers].map {
            Entry(configurationName: PathConfiguration.allOthers, configuration: $0)
        }
    }
}

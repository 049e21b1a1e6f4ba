/// Which paths a permission or a path entry is about.
enum PathPattern {
    case all
    case exact(String)
    case regex(PathRegex)

    /// Reads a permission's path: a name, `~` and a regular expression, or empty for every path.
    init(permissionPath text: String) throws(PathRegexError) {
        if text.isEmpty {
            self = .all
        } else if text.hasPrefix("~") {
            self = .regex(try PathRegex(String(text.dropFirst())))
        } else {
            self = .exact(text)
        }
    }

    func matches(_ path: String) -> Bool {
        switch self {
        case .all: true
        case .exact(let name): name == path
        case .regex(let regex): regex.groups(in: path) != nil
        }
    }
}

/// Why a regular expression of the configuration can't be used.
struct PathRegexError: Error, CustomStringConvertible {
    let pattern: String
    let reason: String

    var description: String { "'~\(pattern)' is not a regular expression: \(reason)" }
}

/// A regular expression over names of paths.
struct PathRegex {
    /// Longer patterns are refused: nobody writes them by hand.
    static let maximumLength = 256
    /// Longer names don't match: what backtracking costs grows with the length of the subject.
    static let maximumSubjectLength = 512

    let pattern: String
    private let regex: Regex<AnyRegexOutput>

    init(_ pattern: String) throws(PathRegexError) {
        guard pattern.utf8.count <= Self.maximumLength else {
            throw PathRegexError(pattern: "…", reason: "it is longer than \(Self.maximumLength) characters")
        }
        do {
            regex = try Regex(pattern)
        } catch {
            throw PathRegexError(pattern: pattern, reason: "\(error)")
        }
        self.pattern = pattern
    }

    /// The texts of the groups, `[]` when there are none; nil when the name does not match.
    func groups(in name: String) -> [String]? {
        guard name.utf8.count <= Self.maximumSubjectLength, let match = try? regex.firstMatch(in: name) else {
            return nil
        }
        return match.output.dropFirst().map { $0.substring.map(String.init) ?? "" }
    }
}

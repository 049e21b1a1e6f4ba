/// A command of the configuration, split into words as a shell would split them, but never given to one: nothing in it
/// is expanded except `$NAME` variables of the hook itself.
struct HookCommand: Equatable, Sendable {
    /// The program and its arguments.
    var words: [String]

    var program: String { words.first ?? "" }
    var arguments: [String] { Array(words.dropFirst()) }

    /// Splits at white space; quotes keep it together; in double quotes and outside of quotes a backslash takes the next
    /// character literally.
    ///
    /// - Throws: ``HookCommandError``
    init(_ text: String) throws(HookCommandError) {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var characters = text.makeIterator()
        while let character = characters.next() {
            switch (character, quote) {
            case ("\\", nil), ("\\", "\""):
                guard let next = characters.next() else { throw .unfinishedEscape }
                word = (word ?? "") + String(next)
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case (let closing, let opening?) where closing == opening:
                quote = nil
            case (let space, nil) where space.isWhitespace:
                if let finished = word { words.append(finished) }
                word = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw .unfinishedQuote }
        if let word { words.append(word) }
        guard !words.isEmpty, words.first?.isEmpty == false else { throw .empty }
        self.words = words
    }

    /// The command with `$NAME` and `${NAME}` replaced by the hook's own variables; others are left as they are.
    func expanding(_ variables: [String: String]) -> HookCommand {
        var copy = self
        // Longer names first, so that $G1 does not eat the beginning of $G10.
        let names = variables.keys.sorted { $0.count > $1.count }
        copy.words = words.map { word in
            guard word.contains("$") else { return word }
            return names.reduce(word) { text, name in
                let value = variables[name] ?? ""
                return text.replacing("${\(name)}", with: value).replacing("$\(name)", with: value)
            }
        }
        return copy
    }
}

/// Why a command can't be run.
enum HookCommandError: Error, Equatable, CustomStringConvertible {
    case empty
    case unfinishedQuote
    case unfinishedEscape

    var description: String {
        switch self {
        case .empty: "the command is empty"
        case .unfinishedQuote: "a quote in the command is not closed"
        case .unfinishedEscape: "the command ends with a backslash"
        }
    }
}

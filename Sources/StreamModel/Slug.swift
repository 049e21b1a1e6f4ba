import Foundation

/// The part of a URL that names a stream (contract A.1, "Slug rule").
public enum Slug {
    /// Trims, lower-cases, folds to ASCII, keeps letters, digits, `-` and `_`, turns everything else into `-`, and strips
    /// `-` and `_` from both ends.
    ///
    /// The reference keeps non-ASCII letters, which its engine then refuses; here "Garagé 1" becomes `garage-1`.
    /// - Returns: the slug, or `fallback` when nothing is left.
    public static func make(_ text: String, fallback: String) -> String {
        let folded = text.trimmed.lowercased().foldedToASCII
        let mapped = String(folded.map { $0.isSlugCharacter ? $0 : "-" })
        let slug = mapped.trimmingCharacters(in: CharacterSet(charactersIn: "-_"))
        return slug.isEmpty ? fallback : slug
    }

    /// Like ``make(_:fallback:)``, nil when nothing is left.
    public static func make(_ text: String) -> String? {
        let slug = make(text, fallback: "")
        return slug.isEmpty ? nil : slug
    }
}

extension String {
    /// The text with accents removed and ligatures spelled out; what has no ASCII form stays as it is.
    fileprivate var foldedToASCII: String {
        let spellings: [Character: String] = [
            "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "þ": "th", "ı": "i",
        ]
        let spelled = map { spellings[$0] ?? String($0) }.joined()
        return String(
            String.UnicodeScalarView(
                spelled.decomposedStringWithCompatibilityMapping.unicodeScalars
                    .filter { $0.properties.generalCategory != .nonspacingMark }))
    }
}

extension Character {
    fileprivate var isSlugCharacter: Bool { isASCII && (isLetter || isNumber || self == "-" || self == "_") }
}

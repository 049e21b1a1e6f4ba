extension StringProtocol {
    /// Whether the text has no more combining marks in a row than any writing needs: the Stream-Safe Text Format (Unicode
    /// Standard Annex #15 §13).
    ///
    /// Swift compares and hashes texts in their normal form, for which it sorts each row of marks in a time that grows with
    /// the square of its length: a few hundred kilobytes of them keep a thread busy for minutes. So a text that somebody
    /// else chose the length of is looked at by this first.
    public var isStreamSafe: Bool {
        guard utf8.contains(where: { $0 >= 0x80 }) else { return true }
        var count = 0
        for scalar in unicodeScalars {
            count = scalar.isReordered ? count + 1 : 0
            if count > streamSafeMarkLimit { return false }
        }
        return true
    }
}

/// Marks in a row at most (UAX #15 §13, UAX15-D3).
private let streamSafeMarkLimit = 30

extension Unicode.Scalar {
    /// Whether the normal form has marks in its place that are sorted.
    fileprivate var isReordered: Bool {
        // Below U+0300 there are none. The three Tibetan signs are in no class themselves, but their parts are (UAX #15 §13.1).
        value >= 0x300
            && (properties.canonicalCombiningClass != .notReordered || [0xF73, 0xF75, 0xF81].contains(value))
    }
}

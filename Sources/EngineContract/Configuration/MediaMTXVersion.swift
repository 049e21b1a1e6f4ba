/// A release of MediaMTX, written `vX.Y.Z`.
public struct MediaMTXVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var major: Int
    public var minor: Int
    public var patch: Int

    public init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `v1.16.2` or `1.16.2`, also with what a build of somebody's own adds (`v1.16.2-dirty`); nil for anything else.
    public init?(_ text: some StringProtocol) {
        let trimmed = text.drop { $0.isWhitespace }.prefix { !$0.isWhitespace }
        let number = trimmed.hasPrefix("v") ? trimmed.dropFirst() : trimmed[...]
        let core = number.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2],
            (parts.compactMap(\.self).max() ?? 0) <= 9999
        else { return nil }
        let rest = number.dropFirst(core.count)
        guard rest.isEmpty || rest.hasPrefix("-") || rest.hasPrefix("+") else { return nil }
        self.init(major, minor, patch)
    }

    public var description: String { "v\(major).\(minor).\(patch)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

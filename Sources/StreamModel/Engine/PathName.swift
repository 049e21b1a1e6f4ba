/// The names that paths may have (reference: mediamtx-facts E.2).
public enum PathName {
    /// Characters of a path's name at most; MediaMTX sets no limit, this one keeps logs and file names sane.
    public static let maximumLength = 512

    /// What is wrong with a name as a sentence, or nil: letters, digits, `_`, `-`, `.` and `/`, no slash at either end,
    /// no empty, `.` or `..` segment.
    public static func problem(with name: String) -> CodedMessage? {
        if name.isEmpty { return CodedMessage("path_empty", "A path needs a name.") }
        if name.count > maximumLength {
            return CodedMessage(
                "path_too_long", "A path's name has at most \(maximumLength) characters.",
                ["maximum": .integer(maximumLength)])
        }
        let allowed = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./".contains($0)) }
        if !allowed {
            return CodedMessage(
                "path_characters", "A path's name has only letters, digits, '_', '-', '.' and '/'.")
        }
        if name.hasPrefix("/") || name.hasSuffix("/") {
            return CodedMessage("path_slash", "A path's name has no slash at its ends.")
        }
        let segments = name.split(separator: "/", omittingEmptySubsequences: false)
        if segments.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) {
            return CodedMessage("path_parts", "A path's name has no empty, '.' or '..' part.")
        }
        return nil
    }

    /// What is wrong with a name for one stream: also `all` and `all_others`, by which the engine's file means every path.
    public static func problem(withStream name: String) -> CodedMessage? {
        if ["all", "all_others"].contains(name) {
            return CodedMessage(
                "path_reserved", "'\(name)' means every path. Choose another name.", ["path": .string(name)])
        }
        return problem(with: name)
    }

    /// The path that has the pictures of a path in H.264, for viewers by WebRTC who can't play those of it. No path of a transmission or an
    /// input has a dot, so none of them can be the same; nil where the name would be too long.
    public static func h264(besides name: String) -> String? {
        let h264 = name + ".h264"
        return h264.count <= maximumLength ? h264 : nil
    }
}

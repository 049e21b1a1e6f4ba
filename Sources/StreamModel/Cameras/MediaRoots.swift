import Foundation

/// The folders that files may be read from in place of a camera. Whoever can set up a camera must not be able to look at
/// any file that the server can read.
public struct MediaRoots: Hashable, Sendable {
    /// As they were named, with full paths.
    public let folders: [String]

    public init(_ folders: [String]) { self.folders = folders }

    /// Why a file may not be read, as a sentence that says what to do; nil when it may. Looks at the disk: what counts is
    /// where a file is, not which links lead to it.
    public func problem(withFile path: String) -> CodedMessage? {
        let isInside =
            Self.resolved(path).map { file in
                folders.compactMap(Self.resolved).contains { file.hasPrefix($0 == "/" ? "/" : $0 + "/") }
            } ?? false
        if isInside { return nil }
        guard !folders.isEmpty else {
            return CodedMessage("files_not_read", "Files are not read here. Choose the address of a camera.")
        }
        return CodedMessage(
            "files_elsewhere",
            "Files are read only from \(folders.joined(separator: " and ")). Move the file there, or name its folder in "
                + "TOPOSYNC_STREAMING_MEDIA_ROOTS when the server is started.",
            ["folders": .string(folders.joined(separator: ", "))])
    }

    /// The path without links, `.` and `..`; a last part that does not exist stays as it is.
    private static func resolved(_ path: String) -> String? {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        if let real = unsafe realpath(path, nil) {
            defer { unsafe free(real) }
            return unsafe String(cString: real)
        }
        let missing = errno == ENOENT
        let parts = path.split(separator: "/")
        guard missing, let last = parts.last, last != "..", last != "." else { return nil }
        guard let folder = resolved("/" + parts.dropLast().joined(separator: "/")) else { return nil }
        return folder == "/" ? "/\(last)" : "\(folder)/\(last)"
    }
}

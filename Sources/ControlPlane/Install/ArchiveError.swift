/// Why an archive is not unpacked. Its text follows "The archive can't be used: ".
enum ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    case truncated
    case damaged(String)
    /// A symbolic or hard link, with which a file could land anywhere.
    case link(String)
    /// A device, a pipe or something unknown.
    case specialFile(String)
    /// An absolute path, or one with `..`.
    case unsafePath(String)
    case twice(String)
    case tooLarge(limit: Int)
    case tooManyFiles(limit: Int)
    case missing(String)
    case unsupportedFormat(String)
    /// A file of ours could not be written or read.
    case file(path: String, reason: String)

    var description: String {
        switch self {
        case .truncated: "it ends too early"
        case .damaged(let what): what
        case .link(let name): "'\(name)' is a link"
        case .specialFile(let name): "'\(name)' is not an ordinary file"
        case .unsafePath(let name): "'\(name)' would be unpacked outside its folder"
        case .twice(let name): "'\(name)' is in it twice"
        case .tooLarge(let limit): "it unpacks to more than \(limit >> 20) MB"
        case .tooManyFiles(let limit): "it has more than \(limit) files"
        case .missing(let name): "there is no '\(name)' in it"
        case .unsupportedFormat(let name): "'\(name)' is of a format that can't be unpacked on this system"
        case .file(let path, let reason): "\(path): \(reason)"
        }
    }
}

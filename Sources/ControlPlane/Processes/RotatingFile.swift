import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A file of mode 0600 that is begun anew before it grows too large. The one before it is kept beside it, as `….1`.
struct RotatingFile {
    let path: String
    private let limit: Int
    private var file: FileDescriptor
    private var byteCount: Int

    /// Opens it, and goes on after what is in it.
    init(_ path: String, limit: Int) throws(Errno) {
        self.path = path
        self.limit = limit
        let file = try Self.open(path)
        byteCount = Int(clamping: (try? file.seek(offset: 0, from: .end)) ?? 0)
        self.file = file
    }

    func close() { try? file.close() }

    /// What a disk does not take is lost: it may take the next.
    mutating func write(_ bytes: [UInt8]) {
        if byteCount > 0, byteCount + bytes.count > limit { begin() }
        byteCount += bytes.count
        _ = try? file.writeAll(bytes)
    }

    private mutating func begin() {
        guard unsafe rename(path, Self.predecessor(of: path)) == 0, let next = try? Self.open(path) else {
            // Where no new file can be made, the old one is used again.
            ftruncate(file.rawValue, 0)
            byteCount = 0
            return
        }
        try? file.close()
        file = next
        byteCount = 0
    }

    static func predecessor(of path: String) -> String { path + ".1" }

    private static func open(_ path: String) throws(Errno) -> FileDescriptor {
        do {
            return try .open(
                FilePath(path), .writeOnly, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite)
        } catch {
            throw error as? Errno ?? .ioError
        }
    }
}

import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Files that only this user may read.
package enum PrivateFile {
    /// Writes a whole file of mode 0600 so that a reader sees either the old or the new one, also after a power cut.
    package static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(Errno) {
        let temporary = path + ".new"
        do {
            let file = try FileDescriptor.open(
                FilePath(temporary), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: .ownerReadWrite)
            try file.closeAfter {
                // An older file of this name keeps its mode when it is opened.
                guard fchmod(file.rawValue, 0o600) == 0 else { throw Errno(rawValue: errno) }
                try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            // Half a file on a full disk only makes it fuller.
            unsafe unlink(temporary)
            throw error as? Errno ?? .ioError
        }
        guard unsafe rename(temporary, path) == 0 else { throw Errno(rawValue: errno) }
    }

    /// The bytes of a small file; nil when there is none.
    package static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8]? {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
            return try file.closeAfter {
                var bytes = [UInt8](repeating: 0, count: limit)
                let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
                return Array(bytes.prefix(count))
            }
        } catch {
            let errno = error as? Errno ?? .ioError
            if errno == .noSuchFileOrDirectory { return nil }
            throw errno
        }
    }
}

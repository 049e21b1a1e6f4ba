import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Keeps a second server away from a data directory for as long as the lock lives.
///
/// The lock is the kernel's (`flock`), so it is gone with the process however that ends.
final class DataDirectoryLock: Sendable {
    private let file: FileDescriptor

    /// - Throws: ``StartupError`` naming the process that holds the directory.
    init(_ directory: DataDirectory) throws(StartupError) {
        // Where nothing can be written, a file of before is locked; the kernel asks for no right to write for that.
        let isReadOnly = directory.problem != nil
        do {
            file = try FileDescriptor.open(
                FilePath(directory.lockFile), isReadOnly ? .readOnly : .readWrite,
                options: isReadOnly ? [.closeOnExec] : [.create, .closeOnExec], permissions: .ownerReadWrite)
        } catch {
            throw StartupError("The file \(directory.lockFile) can't be opened: \(error).")
        }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            // `deinit` closes the file, also when this initialiser throws.
            let holder = Self.holder(in: file)
            throw StartupError(
                "Another Toposync Streaming\(holder.map { " (process \($0))" } ?? "") already uses the data directory "
                    + "\(directory.root). Stop it, or choose another directory with --data-dir.")
        }
        if isReadOnly { return }
        ftruncate(file.rawValue, 0)
        _ = try? file.writeAll(toAbsoluteOffset: 0, "\(getpid())\n".utf8)
    }

    deinit { try? file.close() }

    private static func holder(in file: FileDescriptor) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count =
            unsafe (try? bytes.withUnsafeMutableBytes { try unsafe file.read(fromAbsoluteOffset: 0, into: $0) }) ?? 0
        return String(bytes: bytes.prefix(count), encoding: .utf8)
            .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
}

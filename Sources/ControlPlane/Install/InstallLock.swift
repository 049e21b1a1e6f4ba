#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Keeps other processes from installing into a folder: the kernel's lock (`flock`), which is gone with the process however
/// that ends.
final class InstallLock: Sendable {
    private let file: FileDescriptor

    /// - Throws: ``InstallError/busy`` while another process has it.
    init(_ path: String) throws(InstallError) {
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open(
                FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
        guard flock(opened.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            // Not `deinit` too, which runs for what was initialised before a throw: by then the number may be another file's.
            try? opened.close()
            throw .busy
        }
        file = opened
    }

    deinit { try? file.close() }
}

import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A file that grows while a download goes on.
struct PartialFile: ~Copyable {
    private let path: String
    private let file: FileDescriptor
    private(set) var size: Int

    /// Opens it at its end; makes it when it is missing.
    init(_ path: String) throws(InstallError) {
        let (file, size) = try Self.open(path)
        self.path = path
        self.file = file
        self.size = size
    }

    private static func open(_ path: String) throws(InstallError) -> (FileDescriptor, Int) {
        do {
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
            return (file, Int(try file.seek(offset: 0, from: .end)))
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
    }

    deinit { try? file.close() }

    mutating func clear() throws(InstallError) {
        guard ftruncate(file.rawValue, 0) == 0 else {
            throw .disk(path: path, reason: Errno(rawValue: errno).description)
        }
        size = 0
    }

    /// Writes bytes to its end, also when the task is cancelled.
    mutating func append(_ bytes: [UInt8]) async throws(InstallError) {
        let file = file
        let offset = Int64(size)
        do {
            // A task of its own does not inherit the cancellation, and is awaited right here.
            try await Task.detached {
                try await BlockingWork.run { _ = try file.writeAll(toAbsoluteOffset: offset, bytes) }
            }.value
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
        size += bytes.count
    }
}

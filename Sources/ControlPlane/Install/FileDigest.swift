import Crypto
import StreamModel

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// SHA-256 of files.
enum FileDigest {
    private static let pieceSize = 1 << 20

    /// In hexadecimal, lower case. Blocks.
    /// - Throws: ``InstallError/disk(path:reason:)``
    static func sha256(of path: String) throws(InstallError) -> String {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
            return try file.closeAfter {
                var hash = SHA256()
                while true {
                    let piece = try unsafe [UInt8](unsafeUninitializedCapacity: pieceSize) { buffer, count in
                        count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
                    }
                    if piece.isEmpty { return hash.finalize().hexadecimal }
                    hash.update(data: piece)
                }
            }
        } catch {
            throw .disk(path: path, reason: "\(error as? Errno ?? .ioError)")
        }
    }

    /// Compares a file with what was installed. Blocks.
    /// - Throws: ``InstallError/altered(path:)``, or ``InstallError/disk(path:reason:)`` when it can't be read.
    static func verify(_ path: String, sha256 expected: String) throws(InstallError) {
        guard try sha256(of: path) == expected else { throw .altered(path: path) }
    }
}

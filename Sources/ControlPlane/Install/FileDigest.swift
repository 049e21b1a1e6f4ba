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
    static func sha256(of path: String) throws(Errno) -> String {
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
            throw error as? Errno ?? .ioError
        }
    }
}

import Crypto

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
                    let piece = try [UInt8](unsafeUninitializedCapacity: pieceSize) { buffer, count in
                        count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                    }
                    if piece.isEmpty { return hex(hash.finalize()) }
                    hash.update(data: piece)
                }
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

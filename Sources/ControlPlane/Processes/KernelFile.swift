#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A file that the kernel makes while it is read, such as those below `/proc`: its size is not known before.
///
/// Foundation (of Swift 6.3) never frees what it reads such a file into, some 3 kB each time.
enum KernelFile {
    /// Bytes that are read at most.
    static let limit = 256 << 10
    private static let pieceLimit = 4 << 10

    /// What is in it; nil when it can't be read.
    static func bytes(_ path: String) -> [UInt8]? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
        return try? file.closeAfter {
            var bytes: [UInt8] = []
            while bytes.count < limit {
                let piece = try unsafe [UInt8](unsafeUninitializedCapacity: pieceLimit) { buffer, count in
                    count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer), retryOnInterrupt: true)
                }
                guard !piece.isEmpty else { break }
                bytes += piece
            }
            return bytes
        }
    }

    /// The same as text.
    static func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }
}

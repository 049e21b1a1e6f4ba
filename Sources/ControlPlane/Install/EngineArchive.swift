import Crypto
import Foundation
import StreamModel

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The archive of a release.
struct EngineArchive: Sendable {
    var path: String

    /// Bytes that the files may have together; v1.20 has about 60 MB.
    static let sizeLimit = 512 << 20
    static let fileLimit = 64
    private static let pieceSize = 256 << 10

    /// Unpacks the program and its licence into a folder that is there and empty. Nothing else of the archive is written,
    /// and nothing at all after something in it was refused. Blocks.
    ///
    /// - Returns: the program's own SHA-256, in hexadecimal.
    func unpack(_ executableName: String, into folder: String) throws(ArchiveError) -> String {
        guard path.hasSuffix(".tar.gz") || path.hasSuffix(".tar.gz.part") else {
            throw .unsupportedFormat(URL(filePath: path).lastPathComponent)
        }
        let archive: FileDescriptor
        do {
            archive = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        } catch {
            throw .file(path: path, reason: "\(error)")
        }
        defer { try? archive.close() }
        var gzip = try Inflater(.gzip)
        var tar = TarParser(sizeLimit: Self.sizeLimit, fileLimit: Self.fileLimit)
        let writer = ArchiveWriter(folder: folder, executableName: executableName)
        while case let piece = try read(archive), !piece.isEmpty {
            try gzip.append(piece) { (bytes) throws(ArchiveError) in
                try tar.append(bytes) { (event) throws(ArchiveError) in try writer.handle(event) }
            }
        }
        try gzip.finish()
        try tar.finish()
        guard let digest = writer.executableDigest else { throw .missing(executableName) }
        return digest
    }

    private func read(_ file: FileDescriptor) throws(ArchiveError) -> [UInt8] {
        do {
            return try unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, count in
                count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
        } catch {
            throw .file(path: path, reason: "\(error)")
        }
    }
}

/// Writes those files of an archive that are wanted.
private final class ArchiveWriter {
    private let folder: String
    private let executableName: String
    private var file: (descriptor: FileDescriptor, path: String, hash: SHA256)?
    private(set) var executableDigest: String?

    init(folder: String, executableName: String) {
        self.folder = folder
        self.executableName = executableName
    }

    deinit { try? file?.descriptor.close() }

    func handle(_ event: TarParser.Event) throws(ArchiveError) {
        switch event {
        case .file(let name, _):
            guard name == executableName || name == "LICENSE" else { return }
            let path = "\(folder)/\(name)"
            try touching(path) {
                let permissions: FilePermissions =
                    name == executableName
                    ? [.ownerReadExecute, .groupReadExecute, .otherReadExecute] : [.ownerRead, .groupRead, .otherRead]
                let descriptor = try FileDescriptor.open(
                    FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                    permissions: permissions)
                file = (descriptor, path, SHA256())
            }
        case .bytes(let bytes):
            guard let file else { return }
            self.file?.hash.update(data: bytes)
            try touching(file.path) { _ = try file.descriptor.writeAll(bytes) }
        case .endOfFile:
            guard let file else { return }
            self.file = nil
            try touching(file.path) {
                try file.descriptor.closeAfter {
                    guard fsync(file.descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
                }
            }
            if file.path == "\(folder)/\(executableName)" { executableDigest = file.hash.finalize().hexadecimal }
        }
    }

    private func touching(_ path: String, _ body: () throws -> Void) throws(ArchiveError) {
        do {
            try body()
        } catch {
            throw .file(path: path, reason: "\(error)")
        }
    }
}

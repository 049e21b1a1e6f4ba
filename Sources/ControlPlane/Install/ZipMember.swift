import CZlib
import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// One file of a ZIP archive (APPNOTE.TXT 6.3.9), found by its name. Nothing else of the archive is unpacked, and no name in it
/// is used as a path. Only what is needed is understood: no encryption, no ZIP64, no other method than deflate. Blocks.
struct ZipMember {
    private let archive: FileDescriptor
    private let name: String
    private let size: Int
    private let compressedSize: Int
    private let checksum: UInt32
    private let isDeflated: Bool
    /// Where its bytes begin.
    private let offset: Int

    /// Bytes of the list of files at most; a Python wheel of ONNX Runtime has 34 kB.
    private static let directoryLimit = 4 << 20
    private static let pieceSize = 256 << 10

    /// - Parameters:
    ///   - archive: a file that is open while this is used.
    ///   - sizeLimit: bytes that the file may have.
    init(_ name: String, in archive: FileDescriptor, sizeLimit: Int) throws(ArchiveError) {
        let length = try Self.touching { Int(try archive.seek(offset: 0, from: .end)) }
        let directory = try Self.directory(of: archive, length: length)
        let entry = try Self.entry(name, in: directory.bytes)
        guard entry.size <= sizeLimit else { throw .tooLarge(limit: sizeLimit) }
        // The local header repeats the name, and has an extra field of a length of its own (4.3.7).
        let header = try Self.read(archive, at: entry.headerOffset, count: 30)
        guard header.little(0, 4) == 0x0403_4b50, header.little(8, 2) == entry.method else {
            throw .damaged("a header of it is damaged")
        }
        let nameLength = header.little(26, 2)
        guard try Self.read(archive, at: entry.headerOffset + 30, count: nameLength).elementsEqual(name.utf8) else {
            throw .damaged("a header of it is damaged")
        }
        offset = entry.headerOffset + 30 + nameLength + header.little(28, 2)
        guard offset + entry.compressedSize <= directory.offset else { throw .truncated }
        self.archive = archive
        self.name = name
        size = entry.size
        compressedSize = entry.compressedSize
        checksum = entry.checksum
        isDeflated = entry.method == 8
    }

    /// Hands on its bytes in order.
    /// - Throws: also after the last of them, when they are not what the archive says that they are.
    func unpack(_ handle: (ArraySlice<UInt8>) throws(ArchiveError) -> Void) throws(ArchiveError) {
        var (count, actual) = (0, UInt32(0))
        func take(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) {
            count += bytes.count
            guard count <= size else { throw .damaged("'\(name)' is longer than it says") }
            actual = unsafe bytes.withUnsafeBufferPointer {
                unsafe UInt32(truncatingIfNeeded: crc32(uLong(actual), $0.baseAddress, uInt($0.count)))
            }
            try handle(bytes)
        }
        var done = 0
        func next() throws(ArchiveError) -> [UInt8]? {
            guard done < compressedSize else { return nil }
            let piece = try Self.read(archive, at: offset + done, count: min(Self.pieceSize, compressedSize - done))
            done += piece.count
            return piece
        }
        if isDeflated {
            var inflater = try Inflater(.deflate)
            while let piece = try next() { try inflater.append(piece, take) }
            try inflater.finish()
        } else {
            while let piece = try next() { try take(piece[...]) }
        }
        guard count == size else { throw .truncated }
        guard actual == checksum else { throw .damaged("'\(name)' does not match its checksum") }
    }

    // MARK: The list of files

    private struct Entry {
        var method: Int
        var checksum: UInt32
        var compressedSize: Int
        var size: Int
        var headerOffset: Int
    }

    /// The central directory, by the record at the archive's end (4.3.16), which a comment may follow.
    private static func directory(
        of archive: FileDescriptor, length: Int
    ) throws(ArchiveError) -> (bytes: [UInt8], offset: Int) {
        let tailLength = min(length, 22 + 0xffff)
        let tail = try read(archive, at: length - tailLength, count: tailLength)
        guard
            let start = stride(from: tailLength - 22, through: 0, by: -1).first(where: {
                tail.little($0, 4) == 0x0605_4b50 && $0 + 22 + tail.little($0 + 20, 2) == tailLength
            })
        else { throw .truncated }
        let (size, offset) = (tail.little(start + 12, 4), tail.little(start + 16, 4))
        guard tail.little(start + 4, 4) == 0, offset + size <= length - tailLength + start else {
            throw .damaged("its list of files is damaged")
        }
        guard size <= directoryLimit else { throw .tooLarge(limit: directoryLimit) }
        return (try read(archive, at: offset, count: size), offset)
    }

    private static func entry(_ name: String, in directory: [UInt8]) throws(ArchiveError) -> Entry {
        var found: Entry?
        var start = 0
        while start < directory.count {
            guard start + 46 <= directory.count, directory.little(start, 4) == 0x0201_4b50 else {
                throw .damaged("its list of files is damaged")
            }
            let nameEnd = start + 46 + directory.little(start + 28, 2)
            let next = nameEnd + directory.little(start + 30, 2) + directory.little(start + 32, 2)
            guard next <= directory.count else { throw .damaged("its list of files is damaged") }
            if directory[(start + 46)..<nameEnd].elementsEqual(name.utf8) {
                guard found == nil else { throw .twice(name) }
                found = try entry(name, at: start, in: directory)
            }
            start = next
        }
        guard let found else { throw .missing(name) }
        return found
    }

    private static func entry(_ name: String, at start: Int, in directory: [UInt8]) throws(ArchiveError) -> Entry {
        let entry = Entry(
            method: directory.little(start + 10, 2), checksum: UInt32(directory.little(start + 16, 4)),
            compressedSize: directory.little(start + 20, 4), size: directory.little(start + 24, 4),
            headerOffset: directory.little(start + 42, 4))
        // On Unix the upper half of the attributes is the mode, whose upper four bits say what kind of file it is.
        let kind = directory.little(start + 40, 2) >> 12
        if directory[start + 5] == 3, kind == 0o12 { throw .link(name) }
        guard kind == 0 || kind == 0o10 || directory[start + 5] != 3 else { throw .specialFile(name) }
        let isEncrypted = directory.little(start + 8, 2) & 1 == 1
        // Sizes of four times 0xff mean that ZIP64's field has them.
        guard !isEncrypted, [0, 8].contains(entry.method), entry.size < 0xffff_ffff else {
            throw .unsupportedFormat(name)
        }
        guard entry.method == 8 || entry.size == entry.compressedSize else {
            throw .damaged("its list of files is damaged")
        }
        return entry
    }

    // MARK: Bytes

    private static func read(_ file: FileDescriptor, at offset: Int, count: Int) throws(ArchiveError) -> [UInt8] {
        guard count > 0 else { return [] }
        var bytes: [UInt8] = []
        while bytes.count < count {
            let piece = try touching {
                try unsafe [UInt8](unsafeUninitializedCapacity: count - bytes.count) { buffer, read in
                    read = try unsafe file.read(
                        fromAbsoluteOffset: Int64(offset + bytes.count), into: UnsafeMutableRawBufferPointer(buffer))
                }
            }
            guard !piece.isEmpty else { throw .truncated }
            bytes += piece
        }
        return bytes
    }

    private static func touching<Result>(_ body: () throws -> Result) throws(ArchiveError) -> Result {
        do {
            return try body()
        } catch {
            throw .file(path: "the archive", reason: "\(error)")
        }
    }
}

extension [UInt8] {
    /// A number of some bytes, the lowest first.
    fileprivate func little(_ offset: Int, _ count: Int) -> Int {
        self[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

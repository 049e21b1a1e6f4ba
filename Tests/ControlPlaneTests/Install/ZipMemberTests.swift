import Foundation
import Testing

@testable import ControlPlane

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite struct ZipMemberTests {
    private func read(_ archive: [UInt8], _ name: String = "a/lib.so", sizeLimit: Int = 1 << 20) throws -> [UInt8] {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/archive.zip"
        try Data(archive).write(to: URL(filePath: path))
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        defer { try? file.close() }
        var bytes: [UInt8] = []
        try ZipMember(name, in: file, sizeLimit: sizeLimit).unpack { bytes += $0 }
        return bytes
    }

    private let lib = Archives.Entry(name: "a/lib.so", content: "0123456789", times: 400)
    private let content = Array(String(repeating: "0123456789", count: 400).utf8)

    @Test(arguments: [false, true]) func aFileIsFoundByItsName(_ isStored: Bool) throws {
        let before = Archives.Entry(name: "lib.so", content: "another")
        let after = Archives.Entry(name: "a/lib.so.txt", content: "yet another")
        let archive = try Archives.zip([before, lib, after], isStored: isStored)
        #expect(try read(archive) == content)
        #expect(try read(Archives.zip([lib], comment: String(repeating: "c", count: 60_000))) == content)
        #expect(throws: ArchiveError.missing("lib")) { try read(archive, "lib") }
    }

    @Test func limitsHold() throws {
        #expect(throws: ArchiveError.tooLarge(limit: 3999)) { try read(Archives.zip([lib]), sizeLimit: 3999) }
        // 64 MB of nothing in 64 kB, which says that it is small.
        var bomb = try Archives.zip([.init(name: "a/lib.so", content: "0", times: 64 << 20)])
        #expect(bomb.count < 1 << 20)
        #expect(throws: ArchiveError.tooLarge(limit: 1 << 20)) { try read(bomb) }
        let directory = try #require(bomb.lastIndex(ofBytes: [0x50, 0x4b, 1, 2]))
        bomb.replaceSubrange((directory + 24)..<(directory + 28), with: [0, 1, 0, 0])
        #expect(throws: ArchiveError.damaged("'a/lib.so' is longer than it says")) { try read(bomb) }
    }

    @Test func whatIsNoOrdinaryFileIsRefused() throws {
        let link = Archives.Entry(name: "a/lib.so", type: "SYMTYPE", content: "/etc/passwd")
        #expect(throws: ArchiveError.link("a/lib.so")) { try read(Archives.zip([link])) }
        let pipe = Archives.Entry(name: "a/lib.so", type: "FIFOTYPE")
        #expect(throws: ArchiveError.specialFile("a/lib.so")) { try read(Archives.zip([pipe])) }
        #expect(throws: ArchiveError.twice("a/lib.so")) { try read(Archives.zip([lib, lib])) }
    }

    @Test func whatIsNotUnderstoodIsRefused() throws {
        let archive = try Archives.zip([lib])
        let directory = try #require(archive.lastIndex(ofBytes: [0x50, 0x4b, 1, 2]))
        // Encrypted; another method; a size that is elsewhere.
        for (offset, bytes) in [(8, [1, 0]), (10, [12, 0]), (24, [0xff, 0xff, 0xff, 0xff])] as [(Int, [UInt8])] {
            var other = archive
            other.replaceSubrange((directory + offset)..<(directory + offset + bytes.count), with: bytes)
            #expect(throws: ArchiveError.unsupportedFormat("a/lib.so")) { try read(other) }
        }
    }

    @Test func everyTruncationIsNoticed() throws {
        let archive = try Archives.zip([lib])
        for length in 0..<archive.count {
            #expect(throws: ArchiveError.self) { try read(Array(archive.prefix(length))) }
        }
    }

    /// One bit that is another leaves either an error or the same file: the name, the lengths and the checksum say so.
    @Test func noFlippedBitChangesTheFile() throws {
        let archive = try Archives.zip([lib])
        for index in 0..<archive.count {
            var damaged = archive
            damaged[index] ^= 1 << UInt8(index % 8)
            if let result = try? read(damaged) { #expect(result == content, "byte \(index)") }
        }
    }

    @Test func whatIsNoArchiveIsRefused() {
        #expect(throws: ArchiveError.truncated) { try read([]) }
        #expect(throws: ArchiveError.truncated) { try read(Array(repeating: 0x50, count: 5000)) }
    }
}

extension [UInt8] {
    fileprivate func lastIndex(ofBytes bytes: [UInt8]) -> Int? {
        indices.dropLast(bytes.count - 1).last { self[$0..<($0 + bytes.count)].elementsEqual(bytes) }
    }
}

import Foundation
import Testing

@testable import ControlPlane

@Suite struct ArchiveParsingTests {
    /// What is in an archive, read in pieces of a size.
    private func read(
        _ archive: [UInt8], pieces: Int, sizeLimit: Int = 1 << 20, fileLimit: Int = 8
    ) throws -> [String: [UInt8]] {
        var gzip = try Inflater(.gzip)
        var tar = TarParser(sizeLimit: sizeLimit, fileLimit: fileLimit)
        var files: [String: [UInt8]] = [:]
        var current: (name: String, bytes: [UInt8])?
        var rest = archive[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            try gzip.append(piece) { (bytes) throws(ArchiveError) in
                try tar.append(bytes) { event in
                    switch event {
                    case .file(let name, _): current = (name, [])
                    case .bytes(let bytes): current?.bytes += bytes
                    case .endOfFile:
                        if let current { files[current.name] = current.bytes }
                    }
                }
            }
        }
        try gzip.finish()
        try tar.finish()
        return files
    }

    private let entries: [Archives.Entry] = [
        .init(name: "./", type: "DIRTYPE"),
        .init(name: "./mediamtx", content: String(repeating: "0123456789", count: 500)),
        .init(name: "empty"), .init(name: "folder/", type: "DIRTYPE"),
        .init(name: "folder/block", content: String(repeating: "b", count: 512)),
    ]

    @Test(arguments: ["GNU_FORMAT", "USTAR_FORMAT", "PAX_FORMAT"], [1, 7, 512, 1 << 20])
    func anArchiveIsReadInPiecesOfAnySize(_ format: String, _ pieces: Int) throws {
        let files = try read(Archives.tarGz(entries, format: format), pieces: pieces)
        #expect(Set(files.keys) == ["mediamtx", "empty", "folder/block"])
        #expect(files["mediamtx"] == Array(String(repeating: "0123456789", count: 500).utf8))
        #expect(files["empty"] == [] && files["folder/block"]?.count == 512)
    }

    @Test func aLongNameIsJoinedFromItsPrefix() throws {
        let name = String(repeating: "d", count: 90) + "/" + String(repeating: "f", count: 90)
        let archive = try Archives.tarGz([.init(name: name, content: "x")], format: "USTAR_FORMAT")
        #expect(try read(archive, pieces: 100).keys.first == name)
    }

    @Test func namesThatAnExtensionChangesAreRefused() throws {
        let long = String(repeating: "n", count: 300)
        let pax = try Archives.tarGz([.init(name: long, content: "x")], format: "PAX_FORMAT")
        #expect(throws: ArchiveError.damaged("an extended header changes a file's path")) { try read(pax, pieces: 64) }
        let gnu = try Archives.tarGz([.init(name: long, content: "x")])
        #expect(throws: ArchiveError.specialFile("././@LongLink")) { try read(gnu, pieces: 64) }
    }

    @Test func limitsHold() throws {
        let archive = try Archives.tarGz(entries)
        #expect(throws: ArchiveError.tooLarge(limit: 5000)) { try read(archive, pieces: 512, sizeLimit: 5000) }
        #expect(throws: ArchiveError.tooManyFiles(limit: 2)) { try read(archive, pieces: 512, fileLimit: 2) }
        // 64 MB of nothing in 64 KB.
        let bomb = try Archives.tarGz([.init(name: "bomb", content: "0", times: 64 << 20)])
        #expect(bomb.count < 1 << 20)
        #expect(throws: ArchiveError.tooLarge(limit: 1 << 20)) { try read(bomb, pieces: 4096) }
    }

    @Test func everyTruncationIsNoticed() throws {
        let archive = try Archives.tarGz(entries)
        for length in 0..<archive.count {
            #expect(throws: ArchiveError.self) { try read(Array(archive.prefix(length)), pieces: 512) }
        }
    }

    /// One bit of a whole archive changes nothing unnoticed: the compressed data or its checksum gives it away. Bits of
    /// gzip's own header, which say how and when it was packed (RFC 1952, 2.3.1), do not matter.
    @Test func everyFlippedBitIsNoticed() throws {
        let archive = try Archives.tarGz(entries)
        let good = try read(archive, pieces: 512)
        for index in 0..<archive.count {
            var damaged = archive
            damaged[index] ^= 1 << UInt8(index % 8)
            let result = try? read(damaged, pieces: 512)
            #expect(result == nil || result == good)
            if index >= 10 { #expect(result == nil, "byte \(index)") }
        }
    }

    @Test func whatIsNoArchiveIsRefused() {
        #expect(throws: ArchiveError.self) { try read(Array("<html>not found</html>".utf8), pieces: 5) }
        #expect(throws: ArchiveError.truncated) { try read([], pieces: 1) }
    }

    @Test func aSecondStreamAfterTheFirstIsRefused() throws {
        let archive = try Archives.tarGz(entries)
        #expect(throws: ArchiveError.self) { try read(archive + archive, pieces: 4096) }
    }
}

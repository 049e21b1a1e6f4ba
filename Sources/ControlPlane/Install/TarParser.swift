/// Reads a tar archive (POSIX.1-1988 ustar, and GNU's) piece by piece, and refuses everything but ordinary files and
/// folders inside it. Pure: what to do with the files is the caller's.
struct TarParser: Sendable {
    /// What was read.
    enum Event: Hashable, Sendable {
        /// An ordinary file begins.
        case file(name: String, size: Int)
        /// Its next bytes.
        case bytes(ArraySlice<UInt8>)
        /// It is complete.
        case endOfFile
    }

    private enum State: Sendable {
        case header([UInt8])
        case content(remaining: Int, padding: Int)
        /// An extended header of POSIX.1-2001 (`x`, `g`).
        case extended([UInt8], remaining: Int, padding: Int)
        case padding(Int)
        case end
    }

    private static let blockSize = 512
    private static let extendedLimit = 64 << 10

    private let sizeLimit: Int
    private let fileLimit: Int
    private var state = State.header([])
    private var total = 0
    private var names: Set<String> = []

    /// - Parameters:
    ///   - sizeLimit: bytes that all files may have together.
    ///   - fileLimit: files and folders at most.
    init(sizeLimit: Int, fileLimit: Int) {
        self.sizeLimit = sizeLimit
        self.fileLimit = fileLimit
    }

    /// Takes the next bytes of the archive.
    mutating func append(
        _ bytes: ArraySlice<UInt8>, _ handle: (Event) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .header(var block):
                block += Self.take(Self.blockSize - block.count, from: &rest)
                if block.count < Self.blockSize { state = .header(block) } else { try begin(block, handle) }
            case .content(let remaining, let padding):
                let piece = Self.take(remaining, from: &rest)
                if !piece.isEmpty { try handle(.bytes(piece)) }
                if piece.count < remaining {
                    state = .content(remaining: remaining - piece.count, padding: padding)
                } else {
                    try handle(.endOfFile)
                    state = padding > 0 ? .padding(padding) : .header([])
                }
            case .extended(let body, let remaining, let padding):
                let piece = Self.take(remaining, from: &rest)
                if piece.count < remaining {
                    state = .extended(body + piece, remaining: remaining - piece.count, padding: padding)
                } else {
                    try Self.check(extended: body + piece)
                    state = padding > 0 ? .padding(padding) : .header([])
                }
            case .padding(let remaining):
                let count = Self.take(remaining, from: &rest).count
                state = count < remaining ? .padding(remaining - count) : .header([])
            case .end:
                // What fills the last record.
                return
            }
        }
    }

    /// - Throws: ``ArchiveError/truncated`` when the mark of the end has not come.
    func finish() throws(ArchiveError) {
        guard case .end = state else { throw .truncated }
    }

    private static func take(_ count: Int, from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let piece = rest.prefix(count)
        rest = rest.dropFirst(piece.count)
        return piece
    }

    private mutating func begin(_ block: [UInt8], _ handle: (Event) throws(ArchiveError) -> Void) throws(ArchiveError) {
        if block.allSatisfy({ $0 == 0 }) {
            state = .end
            return
        }
        let header = try TarHeader(block)
        let padding = (Self.blockSize - header.size % Self.blockSize) % Self.blockSize
        switch header.type {
        case UInt8(ascii: "x"), UInt8(ascii: "g"):
            guard header.size <= Self.extendedLimit else { throw .damaged("an extended header is too long") }
            state = header.size > 0 ? .extended([], remaining: header.size, padding: padding) : .header([])
            return
        case UInt8(ascii: "0"), UInt8(ascii: "7"), 0, UInt8(ascii: "5"): break
        case UInt8(ascii: "1"), UInt8(ascii: "2"): throw .link(header.name)
        default: throw .specialFile(header.name)
        }
        let name = try Self.safeName(header.name)
        guard names.insert(name).inserted else { throw .twice(name) }
        guard names.count <= fileLimit else { throw .tooManyFiles(limit: fileLimit) }
        if header.type == UInt8(ascii: "5") {
            guard header.size == 0 else { throw .damaged("a folder has content") }
            state = .header([])
            return
        }
        guard header.size <= sizeLimit - total else { throw .tooLarge(limit: sizeLimit) }
        total += header.size
        try handle(.file(name: name, size: header.size))
        if header.size == 0 {
            try handle(.endOfFile)
            state = .header([])
        } else {
            state = .content(remaining: header.size, padding: padding)
        }
    }

    /// The name without `./` before and `/` behind it.
    private static func safeName(_ name: String) throws(ArchiveError) -> String {
        if name.hasPrefix("/") || name.contains("\\") || name.contains("\0") { throw .unsafePath(name) }
        let parts = name.split(separator: "/").filter { $0 != "." }
        if parts.contains("..") { throw .unsafePath(name) }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// An extended header may rename the next file or change its length. Releases have no need of it, and what is not
    /// understood must not be unpacked as something else.
    private static func check(extended body: [UInt8]) throws(ArchiveError) {
        for record in body.split(separator: 0x0a) {
            let keyword = record.drop { $0 != 0x20 }.dropFirst().prefix { $0 != UInt8(ascii: "=") }
            let name = String(decoding: keyword, as: UTF8.self)
            if ["path", "linkpath", "size"].contains(name) || name.hasPrefix("GNU.sparse") {
                throw .damaged("an extended header changes a file's \(name)")
            }
        }
    }
}

/// The fields of a header block that matter (POSIX.1-1988, 10.1.1).
private struct TarHeader {
    var name: String
    var size: Int
    var type: UInt8

    init(_ block: [UInt8]) throws(ArchiveError) {
        // The checksum counts itself as eight blanks.
        let sum = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
        guard Self.octal(block[148..<156]) == sum else { throw .damaged("a header of it is damaged") }
        guard let size = Self.octal(block[124..<136]) else { throw .damaged("a file's size can't be read") }
        self.size = size
        type = block[156]
        let name = Self.text(block[0..<100])
        let isUSTAR = Self.text(block[257..<263]) == "ustar"
        let prefix = isUSTAR ? Self.text(block[345..<500]) : ""
        self.name = prefix.isEmpty ? name : prefix + "/" + name
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Digits up to a blank or NUL, after leading blanks; nil for anything else, such as GNU's binary sizes over 8 GB.
    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard !digits.isEmpty, digits.count <= 12, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
    }
}

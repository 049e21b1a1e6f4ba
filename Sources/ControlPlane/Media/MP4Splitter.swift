import NIOCore

/// A part of an MP4 that is sent as a whole.
public enum MP4Part: Sendable, Equatable {
    /// What players need before everything else.
    case initialization(ByteBuffer)
    /// Pictures or sound.
    ///
    /// - isEntrance: whether a player can begin with it.
    case fragment(ByteBuffer, isEntrance: Bool)

    public var bytes: ByteBuffer {
        switch self {
        case .initialization(let bytes), .fragment(let bytes, _): bytes
        }
    }
}

/// Finds the parts in an MP4 that comes in pieces (ISO/IEC 14496-12 §4.2), by what the built-in engine says of them: a fragment with
/// which a player can begin has a segment type box before it.
struct MP4Splitter {
    /// The boxes are not those of a stream, or a part is longer than any is.
    struct Malformed: Error {}

    /// Bytes of a part at most.
    static let partLimit = 32 << 20
    private static let headerSize = 8

    /// Bytes that are free before each part, for who sends it with something before.
    private let headroom: Int
    private var part: ByteBuffer
    private var header = ByteBuffer()
    /// The box that is being received, and what is missing of it.
    private var box: UInt32 = 0
    private var missing = 0
    private var isEntrance = false

    init(headroom: Int) {
        self.headroom = headroom
        part = Self.emptyPart(headroom)
    }

    private static func emptyPart(_ headroom: Int) -> ByteBuffer {
        var part = ByteBuffer(repeating: 0, count: headroom)
        part.moveReaderIndex(to: headroom)
        return part
    }

    mutating func append(_ piece: ByteBuffer) throws(Malformed) -> [MP4Part] {
        var piece = piece
        var parts: [MP4Part] = []
        while piece.readableBytes > 0 {
            if missing == 0 {
                guard
                    var more = piece.readSlice(
                        length: min(Self.headerSize - header.readableBytes, piece.readableBytes))
                else { break }
                header.writeBuffer(&more)
                guard header.readableBytes == Self.headerSize else { break }
                try beginBox()
            }
            if var content = piece.readSlice(length: min(missing, piece.readableBytes)) {
                missing -= content.readableBytes
                part.writeBuffer(&content)
            }
            if missing == 0, let finished = endBox() { parts.append(finished) }
        }
        return parts
    }

    private mutating func beginBox() throws(Malformed) {
        guard let size: UInt32 = header.getInteger(at: header.readerIndex),
            let type: UInt32 = header.getInteger(at: header.readerIndex + 4),
            size >= Self.headerSize, part.readableBytes + Int(size) <= Self.partLimit,
            [.fileType, .movie, .segmentType, .movieFragment, .mediaData].contains(type)
        else { throw Malformed() }
        box = type
        missing = Int(size) - Self.headerSize
        if type == .segmentType { isEntrance = true }
        part.writeBuffer(&header)
        header.clear()
    }

    private mutating func endBox() -> MP4Part? {
        let finished = part
        switch box {
        case .movie:
            part = Self.emptyPart(headroom)
            return .initialization(finished)
        case .mediaData:
            part = Self.emptyPart(headroom)
            defer { isEntrance = false }
            return .fragment(finished, isEntrance: isEntrance)
        default: return nil
        }
    }
}

extension UInt32 {
    fileprivate static let fileType = boxType("ftyp")
    fileprivate static let movie = boxType("moov")
    fileprivate static let segmentType = boxType("styp")
    fileprivate static let movieFragment = boxType("moof")
    fileprivate static let mediaData = boxType("mdat")

    private static func boxType(_ name: String) -> UInt32 { name.utf8.reduce(0) { $0 << 8 | UInt32($1) } }
}

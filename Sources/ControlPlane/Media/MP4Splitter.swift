import Foundation
import NIOCore
import StreamModel

/// A part of an MP4 that is sent as a whole.
public enum MP4Part: Sendable, Equatable {
    /// What players need before everything else.
    case initialization(ByteBuffer)
    /// Pictures or sound.
    ///
    /// - isEntrance: whether a player can begin with it.
    case fragment(ByteBuffer, isEntrance: Bool)
    /// The JSON of the picture that is shown at a time of the stream; that of its fragment, which follows.
    case metadata(JSONValue, seconds: Double)
}

/// Finds the parts in an MP4 that comes in pieces (ISO/IEC 14496-12 §4.2), by what the built-in engine says of them: a fragment with
/// which a player can begin has a segment type box before it, and the metadata of a picture is in an event message before its fragment.
struct MP4Splitter {
    /// The boxes are not those of a stream, or a part is longer than any is.
    struct Malformed: Error {}

    /// Bytes of a part at most.
    static let partLimit = 32 << 20
    /// Bytes of an event message at most: what a picture carries, and its box.
    static let eventLimit = 17 << 10
    private static let headerSize = 8

    /// Bytes that are free before each part, for who sends it with something before.
    private let headroom: Int
    private var part: ByteBuffer
    private var header = ByteBuffer()
    /// The box that is being received, and what is missing of it.
    private var box: UInt32 = 0
    private var missing = 0
    private var isEntrance = false
    /// The content of an event message.
    private var event = ByteBuffer()

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
                if box == .eventMessage { event.writeBuffer(&content) } else { part.writeBuffer(&content) }
            }
            if missing == 0, let finished = endBox() { parts.append(finished) }
        }
        return parts
    }

    private mutating func beginBox() throws(Malformed) {
        guard let size: UInt32 = header.getInteger(at: header.readerIndex),
            let type: UInt32 = header.getInteger(at: header.readerIndex + 4),
            size >= Self.headerSize, part.readableBytes + Int(size) <= Self.partLimit,
            [.fileType, .movie, .segmentType, .movieFragment, .mediaData, .eventMessage].contains(type),
            type != .eventMessage || size <= Self.eventLimit
        else { throw Malformed() }
        box = type
        missing = Int(size) - Self.headerSize
        if type == .segmentType { isEntrance = true }
        if type != .eventMessage { part.writeBuffer(&header) }
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
        case .eventMessage:
            defer { event.clear() }
            return MP4Part(event: event)
        default: return nil
        }
    }
}

extension MP4Part {
    /// The scheme of event messages whose data are the JSON of a picture (docs/metadata.md).
    private static let metadataScheme = "urn:uuid:9a5d3f27-6c41-4e8b-b2f6-71d8c4a93e15"

    /// Reads the content of an event message of version 1 (ISO/IEC 23009-1 §5.10.3.3.4); nil for one of another scheme, or whose
    /// data are no JSON object.
    fileprivate init?(event content: ByteBuffer) {
        var content = content
        // The version, and then the times; their duration and the id of the event say nothing here.
        guard let version: UInt32 = content.readInteger(), version >> 24 == 1,
            let timescale: UInt32 = content.readInteger(), timescale > 0, let time: UInt64 = content.readInteger(),
            content.readSlice(length: 8) != nil, content.readText() == Self.metadataScheme, content.readText() != nil,
            let value = try? JSONValue(parsing: Data(content.readableBytesView)), value.objectValue != nil
        else { return nil }
        self = .metadata(value, seconds: Double(time) / Double(timescale))
    }
}

extension ByteBuffer {
    /// A text with a zero behind it.
    fileprivate mutating func readText() -> String? {
        guard let end = readableBytesView.firstIndex(of: 0) else { return nil }
        let text = readString(length: end - readableBytesView.startIndex)
        moveReaderIndex(forwardBy: 1)
        return text
    }
}

extension UInt32 {
    fileprivate static let fileType = boxType("ftyp")
    fileprivate static let movie = boxType("moov")
    fileprivate static let segmentType = boxType("styp")
    fileprivate static let movieFragment = boxType("moof")
    fileprivate static let mediaData = boxType("mdat")
    fileprivate static let eventMessage = boxType("emsg")

    private static func boxType(_ name: String) -> UInt32 { name.utf8.reduce(0) { $0 << 8 | UInt32($1) } }
}

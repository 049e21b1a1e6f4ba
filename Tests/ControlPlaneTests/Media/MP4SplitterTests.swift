import NIOCore
import Testing

@testable import ControlPlane

@Suite struct MP4SplitterTests {
    private static func box(_ type: String, _ byteCount: Int = 4) -> ByteBuffer {
        var buffer = ByteBuffer(integer: UInt32(8 + byteCount))
        buffer.writeString(type)
        buffer.writeRepeatingByte(7, count: byteCount)
        return buffer
    }

    private static func joined(_ boxes: ByteBuffer...) -> ByteBuffer {
        boxes.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    private static let parts: [MP4Part] = [
        .initialization(joined(box("ftyp"), box("moov"))),
        .fragment(joined(box("styp"), box("moof"), box("mdat", 300)), isEntrance: true),
        .fragment(joined(box("moof"), box("mdat", 0)), isEntrance: false),
        .fragment(joined(box("styp"), box("moof"), box("mdat", 1)), isEntrance: true),
    ]

    @Test(arguments: [1, 3, 7, 11, 64, 10_000])
    func partsAreFoundHoweverTheyCome(pieceLength: Int) throws {
        var stream = Self.parts.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1.bytes) }
        var splitter = MP4Splitter(headroom: 10)
        var found: [MP4Part] = []
        while stream.readableBytes > 0, let piece = stream.readSlice(length: min(pieceLength, stream.readableBytes)) {
            found += try splitter.append(piece)
        }
        #expect(found == Self.parts)
        #expect(found.allSatisfy { $0.bytes.readerIndex == 10 })
    }

    @Test(arguments: ["free", "html"]) func otherBoxesAreRefused(type: String) {
        var splitter = MP4Splitter(headroom: 0)
        #expect(throws: MP4Splitter.Malformed.self) { try splitter.append(Self.box(type)) }
    }

    @Test(arguments: [0, 1, 7, UInt32(MP4Splitter.partLimit) + 1, .max]) func sizesThatNoBoxHasAreRefused(size: UInt32)
    {
        var header = ByteBuffer(integer: size)
        header.writeString("mdat")
        var splitter = MP4Splitter(headroom: 0)
        #expect(throws: MP4Splitter.Malformed.self) { try splitter.append(header) }
    }
}

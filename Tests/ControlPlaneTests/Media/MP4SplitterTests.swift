import NIOCore
import StreamModel
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
        var stream = Self.parts.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer(Self.bytes(of: $1)) }
        var splitter = MP4Splitter(headroom: 10)
        var found: [MP4Part] = []
        while stream.readableBytes > 0, let piece = stream.readSlice(length: min(pieceLength, stream.readableBytes)) {
            found += try splitter.append(piece)
        }
        #expect(found == Self.parts)
        #expect(found.allSatisfy { Self.bytes(of: $0).readerIndex == 10 })
    }

    private static func bytes(of part: MP4Part) -> ByteBuffer {
        switch part {
        case .initialization(let bytes), .fragment(let bytes, _): bytes
        case .metadata: ByteBuffer()
        }
    }

    /// An event message by ISO/IEC 23009-1 §5.10.3.3.4.
    private static func event(
        _ json: String, scheme: String = "urn:uuid:9a5d3f27-6c41-4e8b-b2f6-71d8c4a93e15", version: UInt32 = 1 << 24
    ) -> ByteBuffer {
        var content = ByteBuffer()
        content.writeMultipleIntegers(version, UInt32(1000), UInt64(12_480), UInt32(0), UInt32(5))
        content.writeString(scheme + "\0\0" + json)
        var box = ByteBuffer(integer: UInt32(8 + content.readableBytes))
        box.writeString("emsg")
        box.writeBuffer(&content)
        return box
    }

    @Test(arguments: [1, 5, 9, 10_000])
    func metadataIsFoundBeforeItsPicture(pieceLength: Int) throws {
        let picture = Self.joined(Self.box("moof"), Self.box("mdat"))
        var stream = Self.joined(
            Self.event(#"{"n":1}"#), picture, Self.event("{}", scheme: "https://aomedia.org/emsg/ID3"),
            Self.event("[1]"), Self.event("{}", version: 0), Self.event(""), picture)
        var splitter = MP4Splitter(headroom: 0)
        var found: [MP4Part] = []
        while stream.readableBytes > 0, let piece = stream.readSlice(length: min(pieceLength, stream.readableBytes)) {
            found += try splitter.append(piece)
        }
        let fragment = MP4Part.fragment(picture, isEntrance: false)
        #expect(found == [.metadata(["n": 1], seconds: 12.48), fragment, fragment])
    }

    @Test func anEventThatIsTooLongIsRefused() {
        var splitter = MP4Splitter(headroom: 0)
        let long = Self.event("{\"a\":\"" + String(repeating: "a", count: 18 << 10) + "\"}")
        #expect(throws: MP4Splitter.Malformed.self) { try splitter.append(long) }
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

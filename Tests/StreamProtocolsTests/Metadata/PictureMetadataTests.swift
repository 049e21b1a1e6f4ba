import StreamProtocols
import Testing

@Suite struct PictureMetadataTests {
    private static func metadata(_ text: String) throws -> PictureMetadata {
        try #require(PictureMetadata(json: Array(text.utf8)))
    }

    /// The UUID of the docs page, as it is written there.
    private static let uuid = hexBytes("9a5d3f27 6c41 4e8b b2f6 71d8c4a93e15")

    /// user_data_unregistered is payloadType 5 (ITU-T H.264 §D.1.1); SEI is type 6 of H.264, and 39 of H.265.
    @Test func itIsUserDataUnregistered() throws {
        let metadata = try Self.metadata(#"{"n":1}"#)
        let payload: [UInt8] = [5, 16 + 7] + Self.uuid + Array(#"{"n":1}"#.utf8) + [0x80]
        #expect(metadata.nalUnit(.h264) == [0x06] + payload)
        #expect(metadata.nalUnit(.h265) == [0x4E, 0x01] + payload)
        for codec in VideoCodec.allCases {
            #expect(PictureMetadata(nalUnit: metadata.nalUnit(codec)[...], codec: codec) == metadata)
        }
        #expect(metadata.text == #"{"n":1}"#)
    }

    /// payloadSize adds up bytes of 255 with the first that is less, which may be 0 (H.264 §7.3.2.3.1).
    @Test(arguments: [238, 239, 240, 494, 16_384])
    func anyLengthComesBack(byteCount: Int) throws {
        let metadata = try Self.metadata("{\"n\":\"" + String(repeating: "a", count: byteCount - 8) + "\"}")
        #expect(metadata.json.count == byteCount)
        for codec in VideoCodec.allCases {
            let unit = metadata.nalUnit(codec)
            #expect(PictureMetadata(nalUnit: unit[...], codec: codec) == metadata)
            // No start code is in it.
            #expect(AnnexB.split(AnnexB.join([unit[...]])) == [unit[...]])
        }
    }

    @Test func whatCanBeNoObjectIsNone() {
        let tooLong = "{\"" + String(repeating: "a", count: 16_384) + "\":1}"
        for text in ["", "{", "[]", "7", "{\u{0}}", "{\u{1}}", tooLong] {
            #expect(PictureMetadata(json: Array(text.utf8)) == nil)
        }
        #expect(PictureMetadata(json: [0x7B, 0xFF, 0x7D]) == nil, "no UTF-8")
        #expect(PictureMetadata(json: Array("{\n\t\"é\": 1\r\n}".utf8)) != nil)
    }

    @Test func otherUnitsCarryNone() throws {
        let unit = try Self.metadata(#"{"n":1}"#).nalUnit(.h264)
        for codec in VideoCodec.allCases {
            for length in 0..<unit.count - 1 {
                #expect(!PictureMetadata.isCarried(by: unit.prefix(length), codec: codec))
            }
        }
        // Another type of unit, of message, and user data of somebody else.
        for (place, byte) in [(0, 0x07), (1, 4), (3, 0)] as [(Int, UInt8)] {
            var other = unit
            other[place] = byte
            #expect(!PictureMetadata.isCarried(by: other[...], codec: .h264))
        }
        // It is ours, and nothing that anybody reads.
        var broken = unit
        broken[unit.count - 2] = UInt8(ascii: "1")
        #expect(PictureMetadata.isCarried(by: broken[...], codec: .h264))
        #expect(PictureMetadata(nalUnit: broken[...], codec: .h264) == nil)
    }

    /// By id3v2.4.0-structure §3.1, §4 and id3v2.4.0-frames §4.2.6; sizes have seven bits a byte.
    @Test func itIsATextOfATag() throws {
        let value = #"{"n":""# + String(repeating: "a", count: 292) + #""}"#
        let content: [UInt8] = [3] + Array("toposync.metadata".utf8) + [0] + Array(value.utf8)
        #expect(content.count == 319)
        let frame: [UInt8] = Array("TXXX".utf8) + [0, 0, 2, 63, 0, 0] + content
        let tag: [UInt8] = Array("ID3".utf8) + [4, 0, 0, 0, 0, 2, 73] + frame
        #expect(try Self.metadata(value).id3Tag == tag)
    }

    /// SEI comes behind parameter sets and before the first slice; a prefix NAL unit (14) stays with its slice (H.264 §7.4.1.2.3).
    @Test func aPictureCarriesItBeforeItsFirstSlice() throws {
        let metadata = try Self.metadata("{}")
        func types(_ nalUnits: [[UInt8]], _ codec: VideoCodec) -> [UInt8] {
            let sample = Sample(nalUnits: nalUnits.map { $0[...] }, presentationTime: 7, isRandomAccess: true)
            let carrying = sample.carrying(metadata, codec: codec)
            #expect(carrying.presentationTime == 7 && carrying.isRandomAccess)
            return carrying.nalUnits.compactMap { $0.first.map { codec == .h264 ? $0 & 0x1F : $0 >> 1 & 0x3F } }
        }
        #expect(types([[0x67, 1], [0x68, 1], [0x06, 1], [0x65, 1], [0x65, 2]], .h264) == [7, 8, 6, 6, 5, 5])
        #expect(types([[0x41, 1]], .h264) == [6, 1])
        #expect(types([[0x67, 1], [0x6E, 1], [0x65, 1]], .h264) == [7, 6, 14, 5])
        #expect(types([[0x67, 1]], .h264) == [7], "no picture")
        #expect(types([[0x40, 1, 1], [0x26, 1, 1], [0x50, 1, 1]], .h265) == [32, 39, 19, 40])
        let sample = Sample(nalUnits: [[0x41, 1]], presentationTime: 0, isRandomAccess: false)
        let carried = sample.carrying(metadata, codec: .h264).nalUnits
        #expect(PictureMetadata(nalUnits: carried, codec: .h264) == metadata)
        #expect(PictureMetadata(nalUnits: sample.nalUnits, codec: .h264) == nil)
    }
}

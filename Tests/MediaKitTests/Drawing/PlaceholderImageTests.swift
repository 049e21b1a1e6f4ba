import Testing

@testable import MediaKit

@Suite struct PlaceholderImageTests {
    /// Contract B.2: solid 127 or 0; RGB 127 is luma 16 + 127·219/255 = 125 in limited range.
    @Test(arguments: [(PlaceholderImage.Colour.gray, UInt8(125)), (.black, 16)])
    func isPlain(colour: PlaceholderImage.Colour, luma: UInt8) throws {
        let frame = try PlaceholderImage.frame(width: 321, height: 240, colour: colour)
        #expect(frame.width == 322)
        #expect(samples(of: frame, plane: 0).allSatisfy { $0.allSatisfy { $0 == luma } })
        for plane in 1...2 { #expect(samples(of: frame, plane: plane).allSatisfy { $0.allSatisfy { $0 == 128 } }) }
    }

    @Test(arguments: [(16, 16), (320, 240), (1280, 720)])
    func textIsInsideAndCentred(width: Int, height: Int) throws {
        let lines = ["Front door", "Camera is away"]
        let frame = try PlaceholderImage.frame(width: width, height: height, colour: .black, lines: lines)
        let luma = samples(of: frame, plane: 0)
        let columns = luma.flatMap { row in row.indices.filter { row[$0] > 100 } }
        let rows = luma.indices.filter { luma[$0].contains { $0 > 100 } }
        #expect(!columns.isEmpty)
        guard width >= 320, let left = columns.min(), let right = columns.max(), let top = rows.first,
            let bottom = rows.last
        else { return }
        #expect(left > 0 && right < width - 1)
        #expect(abs((left + right) / 2 - width / 2) <= width / 50)
        #expect(abs((top + bottom) / 2 - height / 2) <= height / 20)
    }

    @Test func theFontCoversASCII() {
        for code in UInt8(32)...126 {
            let glyph = BitmapFont.glyph(of: Character(Unicode.Scalar(code)))
            #expect(glyph.count == 8)
            #expect(glyph.contains { $0 != 0 } == (code != 32))
            #expect(glyph.allSatisfy { $0 < 32 })
        }
        #expect(FontGlyphs.rows.count == 95)
        #expect(Set(FontGlyphs.rows).count == 95)
        #expect(BitmapFont.glyph(of: "é") == BitmapFont.glyph(of: "?"))
        // Upper-case E: a full top bar, three strokes, left stem.
        #expect(BitmapFont.glyph(of: "E") == [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111, 0])
    }
}

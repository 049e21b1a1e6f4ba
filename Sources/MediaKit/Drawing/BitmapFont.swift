/// Draws text into a luma plane with the built-in font.
enum BitmapFont {
    static let glyphWidth = 5
    static let glyphHeight = 8
    /// One glyph and the gap after it.
    static let advance = 6
    static let lineHeight = 11

    /// Width in samples at a whole-number `scale`, without the gap after the last glyph.
    static func width(of text: String, scale: Int) -> Int {
        max(text.count * advance - 1, 0) * scale
    }

    /// Draws `text` with its top left corner at (`x`, `y`); what lies outside the plane is cut off.
    ///
    /// `shadow` is the luma of a copy drawn one font pixel down and right, so that text shows on any background.
    static func draw(_ text: String, x: Int, y: Int, scale: Int, luma: UInt8, shadow: UInt8?, on plane: Plane) {
        if let shadow { draw(text, x: x + scale, y: y + scale, scale: scale, luma: shadow, shadow: nil, on: plane) }
        for (index, character) in text.enumerated() {
            let left = x + index * advance * scale
            for (row, bits) in glyph(of: character).enumerated() {
                var column = 0
                while column < glyphWidth {
                    guard isSet(bits, column) else {
                        column += 1
                        continue
                    }
                    let start = column
                    while column < glyphWidth, isSet(bits, column) { column += 1 }
                    plane.fill(
                        PlaneRectangle(
                            x: left + start * scale, y: y + row * scale, width: (column - start) * scale, height: scale),
                        with: luma)
                }
            }
        }
    }

    private static func isSet(_ bits: UInt8, _ column: Int) -> Bool {
        bits >> (glyphWidth - 1 - column) & 1 == 1
    }

    /// The rows of a glyph from the top, the leftmost pixel in bit 4.
    static func glyph(of character: Character) -> [UInt8] {
        let code = character.asciiValue.map(Int.init) ?? Int(UInt8(ascii: "?"))
        let index = (32...126).contains(code) ? code - 32 : Int(UInt8(ascii: "?")) - 32
        return FontGlyphs.rows[index]
    }
}

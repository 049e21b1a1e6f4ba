import Testing

@testable import MediaKit

@Suite struct FrameCounterTests {
    /// Worked out by hand from the layout: marker 1010, 24 bits, exclusive or of six nibbles.
    @Test(arguments: [
        (UInt32(0), UInt32(0xa000_0000)),
        (1, 0xa000_0011),
        (0x123456, 0xa123_4567),  // 1^2^3^4^5^6 = 7
        (0xffffff, 0xafff_fff0),
        (0x1000000, 0xa000_0000),
    ])
    func codesANumber(number: UInt32, code: UInt32) {
        #expect(FrameCounter.code(for: number) == code)
        #expect(FrameCounter.number(in: code) == number & FrameCounter.maximum)
    }

    @Test func everySingleBitErrorIsSeen() {
        for bit in 0..<32 { #expect(FrameCounter.number(in: FrameCounter.code(for: 0x5a1234) ^ 1 << bit) == nil) }
    }

    @Test func cellsLieWhereTheRigLooks() throws {
        let frame = try DemoSource(width: 640, height: 360).frame(number: 0x123456)
        // 360 / 12 = 30 rows, 640 / 32 = 20 columns a cell.
        let luma = samples(of: frame, plane: 0)
        for y in [330, 359] {
            let bits = (0..<32).map { luma[y][$0 * 20] == 235 && luma[y][$0 * 20 + 19] == 235 }
            #expect(bits.reduce(UInt32(0)) { $0 << 1 | ($1 ? 1 : 0) } == 0xa123_4567)
        }
        #expect(samples(of: frame, plane: 1)[165...].allSatisfy { $0.allSatisfy { $0 == 128 } })
        #expect(Set(luma[345]) == [16, 235])
    }

    @Test(arguments: [(64, 48), (320, 240), (642, 362), (1920, 1080)])
    func readsBackAtAnySize(width: Int, height: Int) throws {
        let source = try DemoSource(width: width, height: height)
        for number in [0, 1, 0xabcdef, 0xffffff] {
            #expect(FrameCounter.read(from: try source.frame(number: number)) == UInt32(number))
        }
    }

    @Test func aPictureWithoutOneHasNone() throws {
        #expect(FrameCounter.read(from: try PlaceholderImage.frame(width: 640, height: 360, colour: .gray)) == nil)
        #expect(FrameCounter.read(from: try Samples.plain(.black, width: 16, height: 16)) == nil)
    }
}

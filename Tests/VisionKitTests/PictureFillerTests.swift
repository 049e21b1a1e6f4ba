import Testing

@testable import MediaKit
@testable import VisionKit

struct PictureFillerTests {
    private static let grey = Float(110 - 16) * 255 / 219

    private func input(_ width: Int, _ height: Int, fit: PictureInput.Fit, rgb: Bool = false) -> PictureInput {
        let channel: PictureInput.Channel = rgb ? .unit : .asIs
        return PictureInput(
            width: width, height: height, order: rgb ? .redGreenBlue : .blueGreenRed, fit: fit,
            channels: [channel, channel, channel])
    }

    private func fill(_ input: PictureInput, _ frame: VideoFrame) throws -> (values: [Float], width: Int, height: Int) {
        var values = [Float](repeating: -1, count: 3 * input.width * input.height)
        var filler = PictureFiller(input)
        let content = try #require(values.withUnsafeMutableBufferPointer { filler.fill($0, with: frame) })
        return (values, content.width, content.height)
    }

    @Test(arguments: [
        (1920, 1080, 416, 234), (640, 360, 416, 234), (360, 640, 234, 416), (416, 416, 416, 416), (100, 75, 416, 312),
        (4000, 16, 416, 1),
    ])
    func aPictureIsAsBigAsFits(width: Int, height: Int, wide: Int, tall: Int) {
        let content = input(416, 416, fit: .letterbox(padding: 114)).content(width: width, height: height)
        #expect(content == (wide, tall))
    }

    @Test func narrowSamplesAreMadeSquare() {
        let content = input(416, 416, fit: .letterbox(padding: 114)).content(width: 704, height: 576, shape: 12.0 / 11)
        #expect(content == (416, 312))
    }

    @Test func whatIsLeftOverHasThePaddingsLevel() throws {
        let frame = try Drawn.frame(width: 64, height: 32)
        let filled = try fill(input(64, 64, fit: .letterbox(padding: 114)), frame)
        #expect((filled.width, filled.height) == (64, 32))
        for plane in 0..<3 {
            let values = filled.values[plane * 64 * 64..<(plane + 1) * 64 * 64]
            #expect(values.prefix(64 * 32).allSatisfy { abs($0 - Self.grey) < 0.01 })
            #expect(values.dropFirst(64 * 32).allSatisfy { $0 == 114 })
        }
    }

    @Test func coloursAreInTheModelsOrder() throws {
        let red = Drawn.Thing(x: 0, y: 0, width: 32, height: 32, colour: Drawn.red)
        let frame = try Drawn.frame(width: 32, height: 32, [red])
        // BT.709, limited range.
        let (luma, blue, redness) = (
            Float(63 - 16) * 255 / 219, Float(102 - 128) * 255 / 224, Float(240 - 128) * 255 / 224
        )
        let rgb = [luma + 1.5748 * redness, max(luma - 0.18732 * blue - 0.46812 * redness, 0), luma + 1.8556 * blue]
        let asBGR = try fill(input(32, 32, fit: .letterbox(padding: 114)), frame).values
        let asRGB = try fill(input(32, 32, fit: .stretch, rgb: true), frame).values
        for place in 0..<3 {
            #expect(abs(asBGR[place * 1024 + 500] - max(min(rgb[2 - place], 255), 0)) < 0.1)
            #expect(abs(asRGB[place * 1024 + 500] - max(min(rgb[place], 255), 0) / 255) < 0.001)
        }
    }

    @Test func stretchingFillsAllOfIt() throws {
        let thing = Drawn.Thing(x: 40, y: 0, width: 40, height: 40, colour: .white)
        let filled = try fill(input(32, 64, fit: .stretch), Drawn.frame(width: 80, height: 40, [thing]))
        let first = filled.values[0..<32 * 64]
        #expect(abs(first[10] - Self.grey) < 0.01)
        #expect(abs(first[63 * 32 + 31] - 255) < 0.01)
    }

    /// The size of the picture changes while a camera runs.
    @Test func anotherShapeLeavesNothingOfTheOneBefore() throws {
        let input = input(64, 64, fit: .letterbox(padding: 114))
        var values = [Float](repeating: 0, count: 3 * 64 * 64)
        var filler = PictureFiller(input)
        for (width, height) in [(64, 32), (32, 64), (64, 32)] {
            let frame = try Drawn.frame(width: width, height: height)
            let content = values.withUnsafeMutableBufferPointer { filler.fill($0, with: frame) }
            #expect(try #require(content) == (width, height))
            #expect(values.count { $0 == 114 } == 3 * 64 * 32)
        }
    }
}

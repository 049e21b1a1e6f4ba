@testable import PipelineKit

/// Made-up pictures of a camera: the same each time they are made.
struct MotionScenes {
    /// Half of what a camera's picture becomes, so that a debug build is done with them soon.
    static let width = 160
    static let height = 90

    /// A rectangle of one brightness, in places of a picture of 320×180.
    struct Thing {
        var x: Double
        var y: Double
        var width = 16.0
        var height = 50.0
        var level = 40
    }

    private var random: UInt32 = 1

    /// 0…1.
    private mutating func chance() -> Double {
        random = random &* 1_664_525 &+ 1_013_904_223
        return Double(random >> 8) / Double(1 << 24)
    }

    /// A yard, by places of a picture of 320×180: brighter towards the right, with a texture that is coarser than a sample.
    static func ground(_ x: Int, _ y: Int) -> Int {
        var mixed = UInt32(x / 6) &* 374_761_393 &+ UInt32(y / 6) &* 668_265_263
        mixed = (mixed ^ (mixed >> 13)) &* 1_274_126_177
        return 80 + x / 5 + Int((mixed >> 16) % 48)
    }

    /// - Parameters:
    ///   - noise: levels by which samples differ at most, up and down.
    ///   - light: what a level becomes at a place.
    mutating func picture(
        _ things: [Thing] = [], noise: Int = 3,
        light: (_ level: Int, _ x: Int, _ y: Int) -> Int = { level, _, _ in level }
    ) -> LumaPicture {
        var levels = [Int](repeating: 0, count: Self.width * Self.height)
        for y in 0..<Self.height {
            for x in 0..<Self.width { levels[y * Self.width + x] = Self.ground(2 * x, 2 * y) }
        }
        for thing in things {
            for y in Self.part(from: thing.y, thing.height, of: Self.height) {
                for x in Self.part(from: thing.x, thing.width, of: Self.width) {
                    levels[y * Self.width + x] = thing.level
                }
            }
        }
        var samples = [UInt8](repeating: 0, count: levels.count)
        for y in 0..<Self.height {
            for x in 0..<Self.width {
                let index = y * Self.width + x
                let level = light(levels[index], 2 * x, 2 * y) + Int((chance() * 2 - 1) * Double(noise))
                samples[index] = UInt8(min(max(level, 0), 255))
            }
        }
        return LumaPicture(width: Self.width, height: Self.height, samples: samples)
    }

    private static func part(from start: Double, _ length: Double, of size: Int) -> Range<Int> {
        let first = min(max(Int(start / 2), 0), size)
        return first..<min(max(Int((start + length) / 2), first), size)
    }

    /// The yard with thin drops that fall all over it, others in each picture.
    mutating func rain(drops: Int) -> LumaPicture {
        var picture = picture()
        for _ in 0..<drops {
            let (x, y) = (Int(chance() * Double(Self.width)), Int(chance() * Double(Self.height - 3)))
            for row in y..<y + 3 { picture.samples[row * Self.width + x] = 230 }
        }
        return picture
    }
}

import TestSupport
import Testing

@testable import MediaKit

@Suite struct ContainGeometryTests {
    /// Expected: the reference's formula (contract B.2: aspect fit, `round`, floor division) computed in Python, then
    /// brought to even numbers. The last column is the reference's own result where it is odd.
    @Test(arguments: [
        // source, target, x, y, width, height
        (1920, 1080, 1280, 720, 0, 0, 1280, 720),
        (640, 480, 1280, 720, 160, 0, 960, 720),
        (1280, 720, 640, 480, 0, 60, 640, 360),
        (1080, 1920, 1280, 720, 438, 0, 404, 720),  // 405 wide in the reference
        (2560, 1920, 1280, 720, 160, 0, 960, 720),
        (100, 100, 1280, 720, 280, 0, 720, 720),
        (1, 1, 1280, 720, 280, 0, 720, 720),
        (10_000, 10, 1280, 720, 0, 358, 1280, 2),  // 1 high in the reference
        (352, 288, 1280, 720, 200, 0, 880, 720),
        (704, 576, 640, 360, 100, 0, 440, 360),
        (1920, 1080, 854, 480, 0, 0, 854, 480),  // 853 wide in the reference
        (1279, 719, 1280, 720, 0, 0, 1280, 720),
        (640, 360, 1280, 720, 0, 0, 1280, 720),
    ])
    func fits(_ row: (Int, Int, Int, Int, Int, Int, Int, Int)) {
        let geometry = ContainGeometry(sourceWidth: row.0, sourceHeight: row.1, targetWidth: row.2, targetHeight: row.3)
        #expect(geometry.x == row.4)
        #expect(geometry.y == row.5)
        #expect(geometry.width == row.6)
        #expect(geometry.height == row.7)
    }

    /// By hand: the picture's height or width in square samples, then as above.
    @Test(arguments: [
        // source, sample aspect ratio, target, x, y, width, height
        (704, 576, 16, 11, 1280, 720, 0, 0, 1280, 720),
        (704, 576, 12, 11, 1280, 720, 160, 0, 960, 720),
        (1440, 1080, 4, 3, 1280, 720, 0, 0, 1280, 720),
        (704, 288, 6, 11, 1280, 720, 160, 0, 960, 720),
        (704, 480, 10, 11, 640, 480, 0, 0, 640, 480),
    ])
    func samplesNeedNotBeSquare(_ row: (Int, Int, Int, Int, Int, Int, Int, Int, Int, Int)) {
        let geometry = ContainGeometry(
            sourceWidth: row.0, sourceHeight: row.1,
            sampleAspectRatio: SampleAspectRatio(width: row.2, height: row.3), targetWidth: row.4, targetHeight: row.5)
        #expect(
            [geometry.x, geometry.y, geometry.width, geometry.height] == [row.6, row.7, row.8, row.9])
    }

    /// 2688×1520 into 1280×720 would leave 3 pixels at each side, 1292×720 into 1280×720 as many above and below.
    @Test(arguments: [(2688, 1520, 1280, 720), (1292, 720, 1280, 720), (1920, 1088, 1280, 720)])
    func narrowBarsAreFilled(_ width: Int, _ height: Int, _ targetWidth: Int, _ targetHeight: Int) {
        let geometry = ContainGeometry(
            sourceWidth: width, sourceHeight: height, targetWidth: targetWidth, targetHeight: targetHeight)
        #expect([geometry.x, geometry.y, geometry.width, geometry.height] == [0, 0, targetWidth, targetHeight])
    }

    @Test func isAlwaysInsideAndEven() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let target = (
                ContainGeometry.even(.random(in: 2...4000, using: &generator)),
                ContainGeometry.even(.random(in: 2...4000, using: &generator))
            )
            let geometry = ContainGeometry(
                sourceWidth: .random(in: 0...8000, using: &generator),
                sourceHeight: .random(in: 0...8000, using: &generator), targetWidth: target.0, targetHeight: target.1)
            for number in [geometry.x, geometry.y, geometry.width, geometry.height] { #expect(number % 2 == 0) }
            #expect(geometry.x >= 0 && geometry.width >= 2 && geometry.x + geometry.width <= target.0)
            #expect(geometry.y >= 0 && geometry.height >= 2 && geometry.y + geometry.height <= target.1)
        }
    }
}

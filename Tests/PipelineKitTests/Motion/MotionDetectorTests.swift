import StreamModel
import Testing

@testable import PipelineKit

/// Five pictures a second of made-up scenes; 1 % of the picture is what the wizard asks for.
@Suite struct MotionDetectorTests {
    private static let threshold = 0.01
    private static let start = ContinuousClock.now

    /// The scores of pictures that come five times a second.
    private func scores(
        _ count: Int, mask: MotionMask? = nil, _ picture: (_ index: Int, _ scenes: inout MotionScenes) -> LumaPicture
    ) -> [Double] {
        var scenes = MotionScenes()
        var detector = MotionDetector(mask: mask)
        return (0..<count).map { index in
            detector.score(of: picture(index, &scenes), at: Self.start + .milliseconds(200 * index))
        }
    }

    @Test func noiseDoesNotMove() {
        let scores = scores(50) { _, scenes in scenes.picture(noise: 8) }
        #expect(scores.max() ?? 1 < 0.001)
    }

    @Test func aSlowWalkerIsSeenAllTheWay() {
        // Two samples a second: 160 s would be the whole way.
        let scores = scores(200) { index, scenes in
            scenes.picture([.init(x: 100 + Double(max(index - 10, 0)) * 0.4, y: 80)].filter { _ in index >= 10 })
        }
        #expect(scores[..<10].allSatisfy { $0 < Self.threshold })
        #expect(scores[10...].allSatisfy { $0 >= Self.threshold }, "\(scores)")
    }

    @Test func whatStaysBelongsToTheSceneAfterAWhile() {
        let car = MotionScenes.Thing(x: 200, y: 100, width: 60, height: 40)
        let scores = scores(130) { index, scenes in scenes.picture(index < 10 ? [] : [car]) }
        #expect(scores[10..<70].allSatisfy { $0 >= Self.threshold })
        #expect(scores[100...].allSatisfy { $0 < Self.threshold })
    }

    @Test func aLightSwitchIsNoMotion() {
        let scores = scores(60) { index, scenes in
            scenes.picture { level, _, _ in index < 20 ? level : index < 40 ? level * 8 / 5 + 20 : level }
        }
        #expect(scores.max() ?? 1 < Self.threshold, "\(scores)")
    }

    @Test func infraRedLightIsNoMotionAndAWalkerAfterItIs() {
        let scores = scores(60) { index, scenes in
            let walker = MotionScenes.Thing(x: Double(index) * 4 - 60, y: 90)
            // Leaves become bright and a wall dark: no light that a factor explains.
            return scenes.picture(index < 40 ? [] : [walker]) { level, x, _ in
                index < 20 ? level : x < 160 ? 255 - level : level / 2
            }
        }
        #expect(scores[..<40].allSatisfy { $0 < Self.threshold }, "\(scores)")
        #expect(scores[40...].allSatisfy { $0 >= Self.threshold }, "\(scores)")
    }

    @Test func exposureThatAdjustsItselfIsNoMotion() {
        let scores = scores(40) { index, scenes in
            scenes.picture { level, _, _ in level * (100 + min(max(index - 10, 0), 15) * 2) / 100 }
        }
        #expect(scores.max() ?? 1 < Self.threshold, "\(scores)")
    }

    @Test func aWalkerIsSeenWhileTheLightChanges() {
        let scores = scores(40) { index, scenes in
            let walker = MotionScenes.Thing(x: Double(index - 10) * 4, y: 90)
            return scenes.picture(index < 10 ? [] : [walker]) { level, _, _ in
                level * (100 + min(max(index - 10, 0), 15) * 2) / 100
            }
        }
        #expect(scores[15...].allSatisfy { $0 >= Self.threshold }, "\(scores)")
    }

    @Test func rainIsNoMotion() {
        let scores = scores(50) { _, scenes in scenes.rain(drops: 120) }
        #expect(scores.max() ?? 1 < Self.threshold, "\(scores)")
    }

    @Test func headlightsThatSweepOverTheYardAreNoMotion() {
        let scores = scores(50) { index, scenes in
            let middle = index * 12 - 120
            return scenes.picture { level, x, y in
                let away = Double((x - middle) * (x - middle) + (y - 100) * (y - 100)) / 6400
                return level + Int(Double(level) * 0.25 / (1 + away * away))
            }
        }
        #expect(scores.max() ?? 1 < Self.threshold, "\(scores)")
    }

    @Test func aCameraThatIsTurnedForLongMoves() {
        let scores = scores(60) { index, scenes in
            index < 10 ? scenes.picture() : scenes.picture { _, x, y in MotionScenes.ground(x + index * 9, y) }
        }
        #expect(scores[..<30].allSatisfy { $0 == 0 })
        #expect(scores[40...].allSatisfy { $0 >= Self.threshold }, "\(scores)")
    }

    @Test func masksSayWhereMotionCounts() {
        let left = [
            MotionMask.Stroke(
                operation: .paint,
                points: [0.1, 0.3, 0.5, 0.7, 0.9].flatMap { y in [.init(x: 0, y: y), .init(x: 0.5, y: y)] })
        ]
        func scores(_ mode: MotionMask.Mode, _ strokes: [MotionMask.Stroke]) -> [Double] {
            self.scores(20, mask: MotionMask(mode: mode, diameter: 0.25, strokes: strokes)) { index, scenes in
                scenes.picture([.init(x: 20 + Double(index) * 4, y: 60)])
            }
        }
        #expect(scores(.exclude, left)[5...].allSatisfy { $0 < 0.001 })
        #expect(scores(.include, left)[5...].allSatisfy { $0 >= 2 * Self.threshold }, "a part of a smaller area")
        let erased = left + [.init(operation: .erase, points: left[0].points)]
        #expect(scores(.exclude, erased)[5...].allSatisfy { $0 >= Self.threshold })
        #expect(scores(.include, erased).allSatisfy { $0 == 0 }, "nothing is looked at")
        // A brush may be finer than what is kept of it.
        let dot = MotionMask.Stroke(operation: .paint, points: [.init(x: 1, y: 1)])
        let dots = MotionMask(mode: .include, diameter: 0.002, strokes: [dot]).samples(width: 320, height: 180)
        #expect(dots.last == 1 && dots.reduce(0) { $0 + Int($1) } == 16)
    }

    @Test func anotherSizeBeginsAnew() throws {
        var detector = MotionDetector()
        for (index, size) in [(320, 180), (80, 60), (1, 1), (2, 2), (320, 1), (1, 180)].enumerated() {
            let picture = LumaPicture(
                width: size.0, height: size.1, samples: [UInt8](repeating: UInt8(index * 40), count: size.0 * size.1))
            for time in 0..<3 {
                #expect(detector.score(of: picture, at: Self.start + .seconds(index * 10 + time)) == 0)
            }
        }
    }
}

@Suite struct LumaReaderTests {
    /// A plane with the left half dark and the right half bright, and rubbish between its rows.
    private func shrunk(width: Int, height: Int) -> LumaPicture {
        let stride = width + 5
        var plane = [UInt8](repeating: 77, count: stride * height)
        for y in 0..<height {
            for x in 0..<width { plane[y * stride + x] = x < width / 2 ? 10 : 255 }
        }
        var reader = LumaReader()
        return reader.shrink(plane.span.bytes, stride: stride, width: width, height: height)
    }

    @Test(arguments: [
        (2, 2, 2, 2), (1, 1, 1, 1), (640, 360, 320, 180), (1920, 1080, 320, 180), (1080, 1920, 270, 174),
        (321, 181, 160, 90),
        (7680, 4320, 320, 180), (16384, 2, 315, 2),
    ])
    func picturesOfAnySizeBecomeSmallOnes(width: Int, height: Int, smallWidth: Int, smallHeight: Int) {
        let picture = shrunk(width: width, height: height)
        #expect((picture.width, picture.height) == (smallWidth, smallHeight))
        #expect(picture.samples.count == smallWidth * smallHeight)
        #expect(picture.samples.last == 255)
        #expect(width == 1 || picture.samples[0] == 10)
    }

    @Test func aFrameIsReadInPlace() throws {
        var reader = LumaReader()
        let picture = try #require(reader.picture(of: try TestFrames.frame(width: 640, height: 360)))
        #expect(picture == LumaPicture(width: 320, height: 180, samples: [UInt8](repeating: 125, count: 57_600)))
    }
}

@Suite struct MotionLatchTests {
    /// What passes of pictures that come each second.
    private func passes(_ scores: [Double], _ config: [String: JSONValue]) -> String {
        var latch = MotionLatch(
            MotionGateConfig(of: PipelineNode(id: "m", operator: MotionGateConfig.operatorName, config: config)))
        let start = ContinuousClock.now
        return scores.enumerated().map { index, score in
            latch.isOpen(score: score, at: start + .seconds(index)) ? "#" : "."
        }.joined()
    }

    @Test func itOpensWithMotionAndHolds() {
        #expect(passes([0, 0.01, 0, 0, 0, 0, 0], [:]) == ".###...")
        #expect(passes([0, 0.009, 0, 0.3, 0.3, 0], ["hold_seconds": 0]) == "...##.")
        #expect(passes([0.1, 0, 0, 0.1, 0, 0, 0, 0], ["hold_seconds": 3]) == "#######.")
    }

    @Test func itWaitsForSeveralPicturesInARow() {
        let config: [String: JSONValue] = ["activation_frames": 3, "hold_seconds": 1]
        #expect(passes([1, 1, 0, 1, 1, 1, 0, 0], config) == ".....##.")
        // Once it is open, a single one keeps it open.
        #expect(passes([1, 1, 1, 1, 0, 0, 0, 0], config) == "..###...")
        #expect(passes([1, 1, 0, 1, 0, 0], ["activation_frames": 2, "hold_seconds": 2]) == ".#####")
    }
}

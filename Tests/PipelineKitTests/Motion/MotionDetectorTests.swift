import StreamModel
import Testing

@testable import PipelineKit

/// Five pictures a second of made-up scenes; 1 % of the picture is what the wizard asks for.
@Suite struct MotionDetectorTests {
    private static let threshold = 0.01
    private static let start = ContinuousClock.now

    /// What moves in pictures that come five times a second.
    private func motion(
        _ count: Int, mask: MotionMask? = nil, _ picture: (_ index: Int, _ scenes: inout MotionScenes) -> LumaPicture
    ) -> [Motion] {
        var scenes = MotionScenes()
        var detector = MotionDetector(mask: mask)
        return (0..<count).map { index in
            detector.look(at: picture(index, &scenes), at: Self.start + .milliseconds(200 * index))
        }
    }

    private func scores(
        _ count: Int, mask: MotionMask? = nil, _ picture: (_ index: Int, _ scenes: inout MotionScenes) -> LumaPicture
    ) -> [Double] {
        motion(count, mask: mask, picture).map(\.score)
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

    @Test func eachThingHasItsArea() {
        let seen = motion(30) { index, scenes in
            let far = MotionScenes.Thing(x: 240 - Double(index) * 2, y: 20, width: 12, height: 24)
            return scenes.picture(index < 10 ? [] : [.init(x: 20 + Double(index) * 4, y: 90), far])
        }
        #expect(seen[..<10].allSatisfy { $0.areas.isEmpty })
        for (index, motion) in seen.enumerated().dropFirst(12) {
            // The larger one first, where it is now, in samples of the made-up pictures.
            #expect(motion.areas.count == 2, "picture \(index): \(motion.areas)")
            for (area, place) in zip(motion.areas, [(x: 10 + index * 2, y: 45), (x: 120 - index, y: 10)]) {
                #expect(abs(area.columns.lowerBound - place.x) <= 2, "picture \(index): \(area)")
                #expect(abs(area.rows.lowerBound - place.y) <= 2, "picture \(index): \(area)")
            }
            #expect(motion.areas.first.map { 22...27 ~= $0.rows.count && 6...11 ~= $0.columns.count } == true)
        }
    }

    @Test func noAreaIsWhereTheMaskIs() {
        let left = MotionMask.Stroke(
            operation: .paint,
            points: [0.1, 0.3, 0.5, 0.7, 0.9].flatMap { y in [.init(x: 0, y: y), .init(x: 0.4, y: y)] })
        let seen = motion(20, mask: MotionMask(mode: .exclude, diameter: 0.25, strokes: [left])) { index, scenes in
            scenes.picture(
                index < 8 ? [] : [.init(x: 20 + Double(index) * 4, y: 60), .init(x: 300 - Double(index) * 4, y: 60)])
        }
        #expect(seen[8...].allSatisfy { $0.areas.count == 1 && $0.areas[0].columns.lowerBound > 80 }, "\(seen)")
    }

    @Test func anotherSizeBeginsAnew() throws {
        var detector = MotionDetector()
        for (index, size) in [(320, 180), (80, 60), (1, 1), (2, 2), (320, 1), (1, 180)].enumerated() {
            let picture = LumaPicture(
                width: size.0, height: size.1, samples: [UInt8](repeating: UInt8(index * 40), count: size.0 * size.1))
            for time in 0..<3 {
                #expect(detector.look(at: picture, at: Self.start + .seconds(index * 10 + time)) == Motion())
            }
        }
    }
}

@Suite struct MotionMaskTests {
    /// Expected: what the page that it is painted on shades (Tests/WebUITests/motion.test.mjs), row by row of the grid.
    @Test(arguments: [
        (
            320, 180,
            [
                11, 12, 13, 13, 12, 9, 8, 12, 14, 16, 16, 20, 20, 19, 15, 16, 13, 7, 5, 5, 6, 6, 6, 5, 5, 5, 5, 6, 6, 6,
                5, 5,
                5, 6, 6, 6, 5, 5, 5, 6, 6, 6, 5, 2, 3,
            ]
        ),
        (
            270, 174,
            [
                11, 13, 13, 13, 12, 10, 9, 13, 14, 16, 17, 20, 21, 20, 16, 16, 13, 8, 7, 7, 6, 6, 6, 6, 7, 7, 6, 6, 6,
                6, 7,
                7, 6, 6, 6, 6, 6, 7, 6, 6, 6, 6, 5, 3, 3,
            ]
        ),
    ])
    func theDetectorLeavesOutWhatThePageShades(width: Int, height: Int, expected: [Int]) {
        func points(_ places: [(Double, Double)]) -> [PicturePoint] { places.map { .init(x: $0.0, y: $0.1) } }
        let mask = MotionMask(
            mode: .exclude, diameter: 0.12,
            strokes: [
                .init(operation: .paint, points: points([(0.1, 0.2), (0.5, 0.35), (0.45, 0.9)])),
                .init(operation: .erase, points: points([(0.3, 0.1), (0.3, 0.95)])),
                .init(operation: .paint, points: points([(1, 1)])),
                .init(operation: .paint, points: points([(0.8, 0), (0.95, 0.12)])),
            ])
        let samples = mask.samples(width: width, height: height)
        // Each row and column of the grid by the first sample that is in it.
        let columns = (0..<80).map { ($0 * width + 79) / 80 }
        let rows = (0..<45).map { ($0 * height + 44) / 45 }
        #expect(rows.map { row in columns.count { samples[row * width + $0] == 0 } } == expected)
    }
}

@Suite struct MovingAreaTests {
    private func square(_ x: Int, _ y: Int, count: Int = 64) -> Despeckler.Square {
        .init(count: count, rows: y..<y + 8, columns: x..<x + 8)
    }

    @Test func whatIsNearIsOne() {
        // A row of three, a fourth that joins them to a fifth, and one far away.
        let areas = MovingArea.all(of: [
            square(0, 0), square(8, 0), square(16, 0), square(64, 0, count: 5), square(32, 8), square(24, 16),
        ])
        #expect(areas.map(\.count) == [64 * 5, 5])
        #expect(areas[0].columns == 0..<40 && areas[0].rows == 0..<24)
        #expect(areas[1].columns == 64..<72 && areas[1].rows == 0..<8)
    }

    @Test func itsBoxIsAPartOfThePicture() {
        let picture = LumaPicture(width: 320, height: 180, samples: [])
        #expect(
            MovingArea(square(80, 90)).box(in: picture)
                == PictureBox(left: 0.25, top: 0.5, right: 0.275, bottom: 98.0 / 180))
    }

    @Test func theLargestAreTold() {
        let squares = (0..<40).map { square($0 % 10 * 32, $0 / 10 * 32, count: 1 + $0) }
        #expect(MovingArea.all(of: squares).map(\.count) == Array((25...40).reversed()))
    }
}

@Suite struct DespecklerTests {
    @Test func squaresAtTheEdgeHaveWhatIsThere() {
        // Not a multiple of a square's side; a thing in the lower right corner, a speck, and a thing in the upper left.
        let (width, height) = (21, 11)
        var marks = [UInt8](repeating: 0, count: width * height)
        for (y, x) in (0..<3).flatMap({ y in (0..<4).map { (y, $0) } }) { marks[y * width + x] = 1 }
        for (y, x) in (7..<11).flatMap({ y in (15..<21).map { (y, $0) } }) { marks[y * width + x] = 1 }
        marks[5 * width + 10] = 1
        let counts = (0..<height).map { y in marks[y * width..<(y + 1) * width].reduce(0) { $0 + Int($1) } }
        var despeckler = Despeckler(width: width, height: height)
        for _ in 0..<2 {
            despeckler.clean(marks, rows: counts, within: [UInt8](repeating: 1, count: marks.count))
            // Corners of things have four at most, with themselves.
            #expect(despeckler.square(top: 0, left: 0) == .init(count: 8, rows: 0..<3, columns: 0..<4))
            #expect(despeckler.square(top: 8, left: 16) == .init(count: 14, rows: 8..<11, columns: 16..<21))
            #expect(despeckler.square(top: 0, left: 16) == .init(count: 4, rows: 7..<8, columns: 16..<20))
            #expect(despeckler.square(top: 0, left: 8) == nil, "the speck")
        }
        despeckler.clean(
            [UInt8](repeating: 0, count: marks.count), rows: [Int](repeating: 0, count: height),
            within: [UInt8](repeating: 1, count: marks.count))
        #expect(despeckler.square(top: 0, left: 0) == nil && despeckler.square(top: 8, left: 16) == nil)
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

    @Test func samplesAreTheMeansOfTheirBlocks() {
        // Six bytes wide and six rows high, of which the first and the fourth are read; nothing behind the last row.
        let plane = (0..<1920 * 1080).map { UInt8(truncatingIfNeeded: ($0 % 1920) &* 7 &+ ($0 / 1920) &* 13) }
        var reader = LumaReader()
        let picture = reader.shrink(plane.span.bytes, stride: 1920, width: 1920, height: 1080)
        for (x, y) in [(0, 0), (319, 0), (0, 179), (319, 179), (17, 101)] {
            let bytes = [6 * y, 6 * y + 3].flatMap { row in (0..<6).map { Int(plane[row * 1920 + 6 * x + $0]) } }
            let mean = Double(bytes.reduce(0, +)) / 12
            #expect(abs(Double(picture.samples[y * 320 + x]) - mean) <= 1)
        }
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

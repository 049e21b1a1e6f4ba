import Testing

@testable import MediaKit

@Suite struct DemoSourceTests {
    @Test func moves() throws {
        let source = try DemoSource(width: 640, height: 360)
        let first = samples(of: try source.frame(number: 0, clock: "x"), plane: 0)
        let later = samples(of: try source.frame(number: 25, clock: "x"), plane: 0)
        #expect(first[10] != later[10])
        // One crossing in 16 seconds: 640 / 16 = 40 samples a second.
        #expect(Array(first[10][..<600]) == Array(later[10][40...]))
    }

    @Test func chromaMovesWithLuma() throws {
        let source = try DemoSource(width: 640, height: 360)
        for plane in 1...2 {
            let first = samples(of: try source.frame(number: 0, clock: "x"), plane: plane)
            let later = samples(of: try source.frame(number: 25, clock: "x"), plane: plane)
            #expect(Array(first[5][..<300]) == Array(later[5][20...]))
        }
    }

    @Test func timesAreExact() throws {
        let source = try DemoSource(width: 64, height: 64, framesPerSecond: 30)
        #expect(source.presentationTime(ofFrame: 30).ticks == 90_000)
        #expect(source.presentationTime(ofFrame: 1).ticks == 3000)
    }

    @Test(arguments: [(2, 2), (16, 16), (33, 17), (3840, 2160)])
    func drawsAtAnySize(width: Int, height: Int) throws {
        let frame = try DemoSource(width: width, height: height).frame(number: 7)
        #expect(frame.width == ContainGeometry.even(width))
        #expect(frame.height == ContainGeometry.even(height))
    }

    @Test func theLampIsLitAtTheBeginningOfEachSecond() throws {
        let source = try DemoSource(width: 640, height: 360)
        for (number, luma) in [(0, 235), (2, 235), (3, 16), (24, 16), (25, 235), (28, 16)] as [(Int, UInt8)] {
            #expect(samples(of: try source.frame(number: number, clock: "x"), plane: 0)[275][320] == luma)
        }
    }

    @Test func showsTheClock() throws {
        let source = try DemoSource(width: 640, height: 360)
        let a = try source.frame(number: 0, clock: "2026-01-01 12:00:00.0")
        let b = try source.frame(number: 0, clock: "2026-01-01 12:00:01.0")
        #expect(samples(of: a, plane: 0) != samples(of: b, plane: 0))
    }
}

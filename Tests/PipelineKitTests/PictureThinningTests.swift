import Testing

@testable import PipelineKit

@Suite struct PictureThinningTests {
    /// A camera of 25 pictures a second, whose pictures wait for so long.
    private struct Run {
        var thinning = PictureThinning()
        var framesPerSecond = 25
        private var now = ContinuousClock.now

        init(framesPerSecond: Int = 25) { self.framesPerSecond = framesPerSecond }

        /// - Parameter wait: by the ratio that is in force.
        /// - Returns: the ratio at the end.
        mutating func run(seconds: Int, leftOut: Int = 0, wait: (Int) -> Duration) -> Int {
            for _ in 0..<seconds * framesPerSecond {
                thinning.taken(after: wait(thinning.ratio))
                thinning.arrived(leftOut: leftOut, at: now)
                now += .seconds(1) / framesPerSecond
            }
            return thinning.ratio
        }
    }

    @Test func allPicturesGoOnWhileTheyDoNotWait() {
        var run = Run()
        #expect(run.run(seconds: 60) { _ in .milliseconds(90) } == 1)
    }

    @Test func aHiccupChangesNothing() {
        var run = Run()
        _ = run.run(seconds: 10) { _ in .zero }
        _ = run.run(seconds: 1) { _ in .milliseconds(600) }
        #expect(run.run(seconds: 20) { _ in .zero } == 1)
    }

    @Test func fewerGoOnUntilTheyDoNotWait() {
        var run = Run()
        #expect(run.run(seconds: 20) { $0 < 3 ? .milliseconds(500) : .milliseconds(150) } == 3)
        // Within ten seconds of the beginning.
        var quick = Run()
        #expect(quick.run(seconds: 13) { _ in .milliseconds(650) } == 5)
    }

    @Test func fiveASecondGoOnInAnyCase() {
        for (rate, ratio) in [(25, 5), (12, 2), (5, 1), (60, 12)] {
            var run = Run(framesPerSecond: rate)
            #expect(run.run(seconds: 60) { _ in .seconds(5) } == ratio)
        }
    }

    @Test func picturesThatWereLeftOutHaveWaited() {
        var run = Run()
        #expect(run.run(seconds: 10, leftOut: 1) { _ in .zero } > 1)
    }

    @Test func allGoOnAgainWhenTheComputerHasTime() {
        var run = Run()
        _ = run.run(seconds: 13) { _ in .milliseconds(650) }
        #expect(run.run(seconds: 60) { _ in .milliseconds(5) } == 1)
    }

    @Test func tooManyAreTriedLessAndLessOften() {
        var run = Run()
        var changes: [Int] = []
        var before = 1
        for _ in 0..<200 {
            let ratio = run.run(seconds: 2) { $0 < 2 ? .milliseconds(300) : .milliseconds(10) }
            if ratio != before { changes.append(ratio) }
            before = ratio
        }
        // Every fifteen seconds would be 27 times.
        #expect((3...16).contains(changes.count))
        #expect(Set(changes) == [1, 2])
    }

    @Test func theCameraThatPassesOnMoreGivesWayFirst() {
        // Both wait for the same processor, which has time for so much.
        var first = Run()
        var second = Run()
        _ = first.run(seconds: 13) { _ in .milliseconds(650) }
        for _ in 0..<60 {
            let load = 1 / Double(first.thinning.ratio) + 1 / Double(second.thinning.ratio)
            let wait: Duration = .milliseconds(load > 0.7 ? 250 : 120)
            _ = first.run(seconds: 1) { _ in wait }
            _ = second.run(seconds: 1) { _ in wait }
        }
        #expect(abs(first.thinning.ratio - second.thinning.ratio) <= 1)
    }

    @Test func whatGoesOnIsEvenlySpaced() {
        var thinning = PictureThinning()
        #expect((0..<5).allSatisfy { _ in thinning.passes() })
        var run = Run()
        _ = run.run(seconds: 20) { $0 < 3 ? .milliseconds(500) : .milliseconds(150) }
        let passed = (0..<12).map { _ in run.thinning.passes() }
        #expect(passed == [false, false, true, false, false, true, false, false, true, false, false, true])
    }
}

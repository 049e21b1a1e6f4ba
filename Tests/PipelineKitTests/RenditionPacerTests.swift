import TestSupport
import Testing

@testable import PipelineKit

/// Runs a pacer on a virtual clock, as `RenditionLoop` does on the real one.
private struct Simulation {
    enum Picture: Equatable { case new, repeated, placeholder }
    struct Output: Equatable {
        var picture: Picture
        /// Since the start.
        var at: Duration
        var timestamp: Int64
        var keyframe = false
    }

    let start = ContinuousClock.now
    private(set) var outputs: [Output] = []
    private(set) var skipped = 0
    private var pacer: RenditionPacer
    private var lastFrame: ContinuousClock.Instant?
    private var now: ContinuousClock.Instant

    init(framesPerSecond: Int) {
        pacer = RenditionPacer(framesPerSecond: framesPerSecond, at: start)
        now = start
    }

    /// Frames are (captured, arrived) since the start, in the order of arrival.
    mutating func run(_ frames: [(captured: Duration, arrived: Duration)], until end: Duration) {
        var frames = frames[...]
        while true {
            let arrival = frames.first.map { start + $0.arrived }
            // A deadline of the past is met now.
            let next = max(min(arrival ?? pacer.deadline, pacer.deadline), now)
            guard start.duration(to: next) < end else { return }
            now = next
            if let arrival, arrival <= next, let frame = frames.popFirst() {
                lastFrame = next
                let captured = start + frame.captured
                switch pacer.frameArrived(capturedAt: captured, now: next) {
                case .encode(let timestamp, let keyframe):
                    outputs.append(
                        Output(
                            picture: .new, at: start.duration(to: next), timestamp: timestamp, keyframe: keyframe))
                case .skip: skipped += 1
                }
            } else {
                let hasSignal = lastFrame.map { $0.duration(to: next) < WriterArbiter.freshness } ?? false
                switch pacer.deadlinePassed(now: next, hasSignal: hasSignal) {
                case .repeatLast(let timestamp):
                    outputs.append(Output(picture: .repeated, at: start.duration(to: next), timestamp: timestamp))
                case .placeholder(let timestamp):
                    outputs.append(Output(picture: .placeholder, at: start.duration(to: next), timestamp: timestamp))
                case .wait: Issue.record("a deadline was not one")
                }
            }
        }
    }

    mutating func follow(framesPerSecond: Int) { pacer.follow(framesPerSecond: framesPerSecond) }

    static func regular(
        _ rate: Double, from first: Duration = .zero, count: Int, delay: (Int) -> Duration = { _ in .zero }
    ) -> [(captured: Duration, arrived: Duration)] {
        (0..<count).map { index in
            let captured = first + .seconds(Double(index) / rate)
            return (captured, captured + delay(index))
        }
    }
}

@Suite struct RenditionPacerTests {
    @Test(arguments: [1, 5, 12, 15, 24, 25, 30, 50, 60])
    func aFastCameraComesOutAtTheOutputsRate(_ rate: Int) {
        var simulation = Simulation(framesPerSecond: rate)
        simulation.run(Simulation.regular(60, count: 6000), until: .seconds(100))
        let new = simulation.outputs.filter { $0.picture == .new }
        #expect(abs(new.count - rate * 100) <= 1)
        #expect(simulation.outputs.allSatisfy { $0.picture == .new })
        // 90 kHz over the whole run, from the second picture on: the first is where the grid was put.
        let span = (new.last?.timestamp ?? 0) - (new.dropFirst().first?.timestamp ?? 0)
        #expect(abs(Double(span) / 90_000 - Double(new.count - 2) / Double(rate)) < 2.0 / 60)
    }

    @Test(arguments: [12, 15, 25, 30, 60])
    func aCameraOfTheSameRateLosesAndRepeatsNothing(_ rate: Int) {
        var generator = SeededGenerator(seed: UInt64(rate))
        let interval = 1 / Double(rate)
        // Arrival jitters by up to 0.9 of an interval; capture times are regular.
        let delays = (0..<rate * 60).map { _ in
            Duration.seconds(Double.random(in: 0...0.9, using: &generator) * interval)
        }
        var simulation = Simulation(framesPerSecond: rate)
        simulation.run(
            Simulation.regular(Double(rate), count: rate * 60) { delays[$0] }, until: .seconds(60))
        let new = simulation.outputs.filter { $0.picture == .new }
        #expect(simulation.skipped == 0)
        #expect(new.count >= rate * 60 - 1)
        #expect(simulation.outputs.allSatisfy { $0.picture != .repeated })
        let steps = zip(new, new.dropFirst()).map { $1.timestamp - $0.timestamp }
        // After the pictures that overlap with the placeholder of the beginning, timestamps are those of the camera.
        #expect(steps.dropFirst(3).allSatisfy { abs($0 - Int64(90_000 / rate)) <= 1 })
    }

    @Test(arguments: [(25, 10), (10, 25), (25, 1), (50, 60)])
    func anotherRateIsFollowedOnTheSameTimeLine(_ before: Int, _ after: Int) {
        var simulation = Simulation(framesPerSecond: before)
        let frames = Simulation.regular(60, count: 1200)
        simulation.run(frames.filter { $0.arrived < .seconds(10) }, until: .seconds(10))
        let first = simulation.outputs.count
        simulation.follow(framesPerSecond: after)
        simulation.run(frames.filter { $0.arrived >= .seconds(10) }, until: .seconds(20))
        let new = simulation.outputs.dropFirst(first)
        #expect(abs(first - before * 10) <= 1 && abs(new.count - after * 10) <= 1)
        #expect(simulation.outputs.allSatisfy { $0.picture == .new })
        // From the first picture on, each lies behind the one before by no more than the longer of both intervals.
        let times = simulation.outputs.map(\.timestamp)
        let longest = 90_000 / Int64(min(before, after)) + 90_000 / 60
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 > $0 && $1 - $0 <= longest })
    }

    /// A gap of 40 ms and a quarter on top is what a regular camera explains; the interval comes to it.
    @Test func aRegularCameraThatStopsIsRepeatedSoon() {
        var simulation = Simulation(framesPerSecond: 25)
        simulation.run(Simulation.regular(25, count: 276), until: .milliseconds(11_260))
        let repeats = simulation.outputs.filter { $0.picture == .repeated }
        // The last frame came at 11 s.
        #expect(repeats.map { ($0.at / .milliseconds(1)).rounded() } == [11_090, 11_170, 11_250])
        #expect(zip(repeats, repeats.dropFirst()).allSatisfy { $1.timestamp - $0.timestamp == 7200 })
    }

    /// As on a computer that can't keep up: a few pictures after each keyframe, then none for a while.
    @Test func longGapsAreFilledWithFewRepeats() {
        var simulation = Simulation(framesPerSecond: 25)
        let bursts = (0..<10).flatMap { Simulation.regular(25, from: .seconds($0 * 2), count: 10) }
        simulation.run(bursts, until: .seconds(20))
        let repeats = simulation.outputs.filter { $0.picture == .repeated && $0.at > .seconds(4) }
        // A gap is 1.64 s long, and half a second of it is no surprise by then.
        #expect(repeats.count == 8 * 3)
    }

    @Test func nothingIsKnownOfANewCameraSoItIsGivenTime() {
        var simulation = Simulation(framesPerSecond: 25)
        simulation.run(Simulation.regular(25, count: 11), until: .milliseconds(1000))
        // The last frame came at 400 ms.
        #expect(simulation.outputs.first { $0.picture == .repeated }?.at == .milliseconds(940))
    }

    @Test func whoWaitsForAPictureGetsItByTwoIntervals() {
        let start = ContinuousClock.now
        var pacer = RenditionPacer(framesPerSecond: 25, at: start)
        _ = pacer.frameArrived(capturedAt: start, now: start)
        pacer.pictureWanted(now: start + .milliseconds(10))
        #expect(pacer.deadline == start + .milliseconds(80))
        pacer.pictureWanted(now: start + .milliseconds(200))
        #expect(pacer.deadline == start + .milliseconds(80), "it is not later by that")
    }

    enum Lateness: CaseIterable {
        /// Each frame by another time.
        case each
        /// One frame a second, and those that wait behind it.
        case onceASecond
    }

    /// What the camera sends a second, what the output has, milliseconds of jitter, and which frames are late.
    private static let jittery: [(Double, Int, Int, Lateness)] = [
        (25, 25), (25, 15), (25, 12), (30, 25), (30, 15), (12, 25), (21, 25),
    ]
    .flatMap { rates in
        [0, 40, 100, 200].flatMap { jitter in Lateness.allCases.map { (rates.0, rates.1, jitter, $0) } }
    }

    @Test(arguments: jittery)
    func lateFramesNeitherAddNorLosePictures(_ camera: Double, _ output: Int, _ jitter: Int, _ lateness: Lateness) {
        var generator = SeededGenerator(seed: 42)
        var arrived = Duration.zero
        let frames = Simulation.regular(camera, count: Int(camera * 30)).enumerated().map { index, frame in
            let delay =
                switch lateness {
                case .each: Double.random(in: 0...Double(jitter), using: &generator)
                case .onceASecond: index % Int(camera) == 20 % Int(camera) ? Double(jitter) : 0
                }
            arrived = max(arrived, frame.captured + .seconds(delay / 1000))
            return (captured: frame.captured, arrived: arrived)
        }
        var simulation = Simulation(framesPerSecond: output)
        simulation.run(frames, until: arrived + .milliseconds(1))
        let pictures = simulation.outputs.filter { $0.picture != .placeholder }
        let expected = min(camera, Double(output)) * 30
        #expect(abs(Double(pictures.count) - expected) <= expected * 0.005)
        // And none of them comes at an odd time, but for the first, which follow the placeholder.
        let steps = zip(pictures, pictures.dropFirst()).map { $1.timestamp - $0.timestamp }.dropFirst(5)
        let shortest: Int64 = Int64(90_000 / camera) - 2
        let longest: Int64 = shortest + Int64(90_000 / output) + 4
        #expect(steps.allSatisfy { (step: Int64) -> Bool in step > shortest && step < longest })
    }

    /// A network that holds everything back for a while: the repeats take the places of the frames that come after all.
    @Test func whatARepeatStoodInForIsNotEncoded() {
        var simulation = Simulation(framesPerSecond: 25)
        let frames = Simulation.regular(25, count: 750) { index in
            // All that is captured within a second arrives at its end.
            (375..<400).contains(index) ? .milliseconds((400 - index) * 40) : .zero
        }
        simulation.run(frames, until: .milliseconds(29_990))
        let pictures = simulation.outputs.filter { $0.picture != .placeholder }
        #expect(simulation.outputs.contains { $0.picture == .repeated })
        #expect(pictures.count <= 750)
        for start in stride(from: 1, to: 29, by: 1) {
            let second: Range<Duration> = .seconds(start)..<(.seconds(start + 1))
            let inSecond = pictures.count { second.contains($0.at) }
            #expect(inSecond <= 26, "in second \(start)")
        }
        let steps = zip(pictures, pictures.dropFirst()).map { $1.timestamp - $0.timestamp }.dropFirst(5)
        #expect(steps.allSatisfy { $0 >= 1800 })
    }

    @Test(arguments: [(25.0, 25), (12, 25), (30, 25), (30, 12)])
    func theRateIsMeasured(_ camera: Double, _ output: Int) throws {
        let start = ContinuousClock.now
        var pacer = RenditionPacer(framesPerSecond: output, at: start)
        for index in 0..<Int(camera * 5) {
            let now = start + .seconds(Double(index) / camera)
            _ = pacer.frameArrived(capturedAt: now, now: now)
        }
        let measured = try #require(pacer.measuredRate)
        #expect(abs(measured - min(camera, Double(output))) < 0.5)
    }

    @Test func thePlaceholderComesWhenTheSignalIsStaleAndTheNextFrameIsAKeyframe() {
        var simulation = Simulation(framesPerSecond: 25)
        var frames = Simulation.regular(25, count: 26)
        frames += Simulation.regular(25, from: .seconds(6), count: 5)
        simulation.run(frames, until: .milliseconds(6100))
        let placeholders = simulation.outputs.filter { $0.picture == .placeholder }
        // The last frame before the gap came at 1 s, and is fresh for 2 s.
        let first = placeholders.first?.at
        #expect(first.map { $0 >= .seconds(3) && $0 <= .milliseconds(3080) } == true)
        let back = simulation.outputs.first { $0.at >= .seconds(6) && $0.picture == .new }
        #expect(back?.keyframe == true)
        #expect(simulation.outputs.filter { $0.at > .seconds(6) && $0.picture == .new }.allSatisfy { !$0.keyframe })
    }

    @Test func thePlaceholderIsShownAtOnceAndSlowsDown() {
        var simulation = Simulation(framesPerSecond: 25)
        simulation.run([], until: .seconds(10))
        #expect(simulation.outputs.first?.at == .zero)
        #expect(simulation.outputs.allSatisfy { $0.picture == .placeholder })
        #expect(abs(simulation.outputs.filter { $0.at > .zero && $0.at < .seconds(3) }.count - 74) <= 1)
        // 5 a second for 7 seconds.
        #expect(abs(simulation.outputs.filter { $0.at >= .seconds(3) }.count - 35) <= 1)
        let last = simulation.outputs.last
        #expect(last.map { abs(Double($0.timestamp - 900_000) / 90_000 - $0.at / .seconds(1)) < 0.001 } == true)
    }

    @Test func aPlaceholderIsNotFasterThanTheOutput() {
        var simulation = Simulation(framesPerSecond: 2)
        simulation.run([], until: .seconds(10))
        #expect(simulation.outputs.filter { $0.at > .zero }.count == 19)
    }

    @Test func timestampsAlwaysIncrease() {
        var generator = SeededGenerator(seed: 99)
        var simulation = Simulation(framesPerSecond: 30)
        // Bursts: arrival is held back for up to half a second.
        var arrived = Duration.zero
        let frames = Simulation.regular(30, count: 3000).map { frame in
            arrived = max(arrived, frame.captured + .milliseconds(Int.random(in: 0...500, using: &generator)))
            return (captured: frame.captured, arrived: arrived)
        }
        simulation.run(frames, until: .seconds(101))
        #expect(simulation.outputs.count > 2900)
        #expect(
            zip(simulation.outputs, simulation.outputs.dropFirst()).allSatisfy {
                $1.timestamp - $0.timestamp >= RenditionPacer.minimumStep
            })
    }

    @Test func aThreadThatWokeLateKeepsTheTimeLine() {
        let start = ContinuousClock.now
        var pacer = RenditionPacer(framesPerSecond: 10, at: start)
        _ = pacer.frameArrived(capturedAt: start, now: start)
        pacer.pictureWanted(now: start)
        // Two intervals later by 30 ms: the picture still stands for its deadline.
        #expect(
            pacer.deadlinePassed(now: start + .milliseconds(230), hasSignal: true) == .repeatLast(timestamp: 918_000))
        #expect(pacer.deadline == start + .milliseconds(700))
        #expect(
            pacer.deadlinePassed(now: start + .milliseconds(701), hasSignal: true) == .repeatLast(timestamp: 963_000))
        #expect(pacer.deadlinePassed(now: start + .milliseconds(750), hasSignal: true) == .wait)
    }

    /// libavformat 59 decodes 7 pictures (`has_decode_delay_been_guessed`) and counts 20 intervals
    /// (`fps_analyze_framecount`) before it believes to know H.264.
    @Test func aColdOutputStartsWithWhatPlayersMeasureTheRateWith() {
        var simulation = Simulation(framesPerSecond: 25)
        simulation.run([], until: .milliseconds(100))
        let atOnce = simulation.outputs.filter { $0.at == .zero }
        #expect(atOnce.count == 29)
        // The last of them stands for now: 10 s behind the origin of the time line, at 90 kHz.
        #expect(atOnce.last?.timestamp == 900_000)
        #expect(
            zip(simulation.outputs, simulation.outputs.dropFirst()).allSatisfy { $1.timestamp - $0.timestamp == 3600 })
        #expect(simulation.outputs.dropFirst(29).map(\.at) == [.milliseconds(40), .milliseconds(80)])
    }

    @Test(arguments: [1, 5, 12, 15, 60])
    func theRunInIsTheSameAtAnyRate(_ rate: Int) {
        var simulation = Simulation(framesPerSecond: rate)
        simulation.run([], until: .milliseconds(1))
        let expected: [Int64] = (0...28).map { (index: Int64) -> Int64 in 799_200 + index * 3600 }
        #expect(simulation.outputs.map(\.timestamp) == expected)
        #expect(simulation.outputs.allSatisfy { $0.at == .zero })
    }

    @Test func aPictureThatComesAtOnceNeedsNoRunIn() {
        var simulation = Simulation(framesPerSecond: 25)
        simulation.run(Simulation.regular(25, count: 10), until: .milliseconds(360))
        #expect(simulation.outputs.map(\.picture) == Array(repeating: .new, count: 9))
        #expect(simulation.outputs.first?.timestamp == 900_000)
    }
}

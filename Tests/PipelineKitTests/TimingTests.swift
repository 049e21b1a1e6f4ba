import MediaKit
import TestSupport
import Testing

@testable import PipelineKit

@Suite struct ClockReadingTests {
    /// The first lost its core in the middle; the third was not needed.
    @Test func aReadingThatWasInterruptedIsTakenAgain() {
        let start = ContinuousClock.now
        let attempts = [(0, 4000), (5000, 20), (6000, 10)].map { begin, microseconds in
            ClockReading.Attempt(
                before: start + .microseconds(begin), wallTime: .seconds(1000) + .microseconds(begin),
                after: start + .microseconds(begin + microseconds))
        }
        var taken = 0
        let reading = ClockReading.closest {
            taken += 1
            return attempts[taken - 1]
        }
        #expect(taken == 2)
        #expect(
            reading
                == ClockReading(
                    wallTime: .seconds(1000) + .microseconds(5000), instant: start + .microseconds(5010)))
    }

    /// On a machine that interrupts each of them, the closest has to do.
    @Test func theClosestOfAFewIsTaken() {
        let start = ContinuousClock.now
        let uncertainties = [900, 300, 700, 500]
        var taken = 0
        let reading = ClockReading.closest {
            taken += 1
            return ClockReading.Attempt(
                before: start, wallTime: .seconds(taken), after: start + .microseconds(uncertainties[taken - 1]))
        }
        #expect(reading == ClockReading(wallTime: .seconds(2), instant: start + .microseconds(150)))
        #expect(taken == uncertainties.count)
    }

    @Test func theClocksAreReadAtOneMoment() {
        let before = ContinuousClock.now
        let reading = ClockReading.now()
        #expect(before <= reading.instant && reading.instant <= .now)
    }
}

@Suite struct BackoffTests {
    @Test(arguments: [
        (Backoff.camera, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]),
        (Backoff.engine, [100, 200, 400, 800, 1600, 2000, 2000]),
        (Backoff.encoder, [600, 1200, 2400, 4800, 9600, 12_000, 12_000]),
    ])
    func delaysDoubleUpToTheMaximum(_ backoff: Backoff, _ milliseconds: [Int]) {
        var backoff = backoff
        let now = ContinuousClock.now
        #expect(milliseconds.map { _ in backoff.failed(at: now) } == milliseconds.map { .milliseconds($0) })
    }

    @Test(arguments: [(29, 1000), (30, 500)])
    func aSuccessThatLastedStartsOver(_ healthySeconds: Int, _ expectedMilliseconds: Int) {
        var backoff = Backoff.camera
        let start = ContinuousClock.now
        _ = backoff.failed(at: start)
        backoff.succeeded(at: start + .seconds(1))
        let delay = backoff.failed(at: start + .seconds(1 + healthySeconds))
        #expect(delay == .milliseconds(expectedMilliseconds))
    }

    @Test func whatIsRenewedWaitsUnlessItLasted() {
        var backoff = Backoff.destination
        var now = ContinuousClock.now
        var delays: [Duration] = []
        for lasting in [0, 2, 29, 30, 0, 60] {
            backoff.succeeded(at: now)
            now += .seconds(lasting)
            delays.append(backoff.renewed(at: now))
        }
        #expect(delays == [1, 2, 4, 0, 2, 0].map { .seconds($0) })
    }
}

@Suite struct CameraRetryTests {
    /// Hikvision locks an account for half an hour after seven wrong passwords.
    @Test func aWrongPasswordIsTriedSixTimesInHalfAnHour() {
        var retry = CameraRetry()
        let start = ContinuousClock.now
        var now = start
        var attempts = 0
        while start.duration(to: now) < .seconds(1800) {
            attempts += 1
            now += retry.failed(.unauthorized, at: now)
        }
        #expect(attempts <= 6)
        #expect(retry.failed(.refused, at: now) == .milliseconds(500), "everything else has its own count")
        #expect(retry.failed(.other, at: now) == .seconds(1))
        // An input is on this machine: however long it is silent, it is asked each second.
        let silent = (0..<6).map { _ in retry.failed(.notFound, isInput: true, at: now) }
        #expect(silent == [.milliseconds(500)] + Array(repeating: .seconds(1), count: 5))
    }
}

@Suite struct KeyframeGateTests {
    @Test func requestsAreGrantedAQuarterOfASecondApart() {
        var gate = KeyframeGate()
        let start = ContinuousClock.now
        #expect(!gate.isDue(at: start))
        gate.request()
        #expect(gate.isDue(at: start))
        gate.keyframeMade(at: start)
        gate.request()
        gate.request()
        #expect(!gate.isDue(at: start + .milliseconds(249)))
        #expect(gate.isDue(at: start + .milliseconds(250)))
        gate.keyframeMade(at: start + .milliseconds(250))
        #expect(!gate.isDue(at: start + .seconds(9)))
    }
}

@Suite struct CaptureClockTests {
    private let epoch = ContinuousClock.now

    private func captured(_ clock: inout CaptureClock, timestamp: Duration, arrival: Duration) -> Duration {
        epoch.duration(to: clock.captureTime(timestamp: MediaTime(timestamp), arrival: epoch + arrival))
    }

    @Test func regularTimestampsMakeRegularCaptureTimes() {
        var clock = CaptureClock(epoch: epoch)
        var generator = SeededGenerator(seed: 3)
        var times: [Duration] = []
        for index in 0..<500 {
            let timestamp = Duration.milliseconds(40 * index)
            let delay = Duration.milliseconds(index == 10 ? 5 : Int.random(in: 5...60, using: &generator))
            times.append(captured(&clock, timestamp: timestamp, arrival: .seconds(7) + timestamp + delay))
        }
        // The tenth came with the smallest delay; from then on the times are its line. What is left of the jitter of
        // 55 ms is the difference between the smallest delays of some seconds.
        let steps = zip(times[11...], times[12...]).map { $1 - $0 }
        #expect(steps.allSatisfy { $0 > .milliseconds(38) && $0 < .milliseconds(42) })
    }

    @Test func aCaptureTimeIsNeverInTheFuture() {
        var clock = CaptureClock(epoch: epoch)
        var generator = SeededGenerator(seed: 4)
        for index in 0..<1000 {
            let arrival = Duration.milliseconds(40 * index + Int.random(in: 0...100, using: &generator))
            #expect(captured(&clock, timestamp: .milliseconds(40 * index), arrival: arrival) <= arrival)
        }
    }

    /// Crystals are off by 50 millionths; a camera that counts 25 fps and takes 24.9 by 4 thousandths.
    @Test(arguments: [1.0005, 0.9995, 1.004, 0.996])
    func aCameraWhoseClockDriftsIsFollowed(_ speed: Double) {
        var clock = CaptureClock(epoch: epoch)
        var worst = Duration.zero
        for index in 0..<25 * 3600 {
            let arrival = Duration.seconds(Double(index) / 25)
            let time = captured(&clock, timestamp: .seconds(Double(index) / 25 * speed), arrival: arrival)
            worst = max(worst, arrival - time)
        }
        #expect(worst < .milliseconds(40))
    }

    /// Many cameras stamp what they mean to send: here 25 pictures a second by the timestamps, and 21 or 12 or 30 by the
    /// clock on the wall.
    @Test(arguments: [21.0, 12, 30])
    func aCameraThatSendsAnotherRateThanItSaysIsFollowedWithoutAJump(_ rate: Double) {
        var clock = CaptureClock(epoch: epoch)
        var generator = SeededGenerator(seed: 5)
        var times: [Duration] = []
        var delays: [Duration] = []
        for index in 0..<Int(rate * 120) {
            let jitter = Duration.milliseconds(Int.random(in: 0...30, using: &generator))
            let arrival = Duration.seconds(Double(index) / rate) + jitter
            let time = captured(&clock, timestamp: .milliseconds(40 * index), arrival: arrival)
            times.append(time)
            delays.append(arrival - time)
        }
        let interval = Duration.seconds(1 / rate)
        let steps = zip(times, times.dropFirst()).map { $1 - $0 }
        // At first the rate has to be learned; then each step is what it is on the wall.
        #expect(steps.allSatisfy { $0 > .zero && $0 < interval * 1.3 })
        #expect(steps.dropFirst(Int(rate * 30)).allSatisfy { $0 > interval * 0.88 && $0 < interval * 1.12 })
        #expect(delays.dropFirst(Int(rate * 30)).allSatisfy { $0 < .milliseconds(100) })
    }

    /// What waits in the network comes late, and is late: the delay shows, and is over when it is over.
    @Test func aBacklogIsADelay() {
        var clock = CaptureClock(epoch: epoch)
        var delays: [Duration] = []
        for index in 0..<500 {
            let timestamp = Duration.milliseconds(40 * index)
            // From the tenth second on, nothing comes for three seconds, and then everything at once.
            let arrival = (250..<325).contains(index) ? .seconds(13) : timestamp
            delays.append(arrival - captured(&clock, timestamp: timestamp, arrival: arrival))
        }
        #expect(delays[250] > .milliseconds(2900))
        #expect(delays[324] < .milliseconds(100))
        #expect(delays[325...].allSatisfy { $0 < .milliseconds(20) })
    }

    /// A camera that counts pictures instead of time, and pauses, is late for ever by its timestamps.
    @Test func aCameraThatStopsCountingIsTiedAnew() {
        var clock = CaptureClock(epoch: epoch)
        var delays: [Duration] = []
        for index in 0..<750 {
            let arrival = Duration.milliseconds(40 * index + (index >= 250 ? 5000 : 0))
            delays.append(arrival - captured(&clock, timestamp: .milliseconds(40 * index), arrival: arrival))
        }
        #expect(delays.dropFirst(250 + 4 * 25).allSatisfy { $0 < .milliseconds(40) })
    }

    /// A day of a crystal that is off by 100 millionths, and the wrap of 32 bits of 90 kHz after 13 hours.
    @Test func aDayWithAWrapIsSurvived() {
        var clock = CaptureClock(epoch: epoch)
        let wrap = Duration.seconds(Double(1 << 32) / 90_000)
        var worst = Duration.zero
        for index in 0..<24 * 3600 * 5 {
            let arrival = Duration.milliseconds(200 * index)
            var timestamp = arrival * 1.0001
            while timestamp >= wrap { timestamp -= wrap }
            worst = max(worst, arrival - captured(&clock, timestamp: timestamp, arrival: arrival))
        }
        #expect(worst < .milliseconds(20))
    }

    /// Nothing that a timestamp says may trap, or move the capture time into the future.
    @Test func hostileTimestampsAreHarmless() {
        var clock = CaptureClock(epoch: epoch)
        var generator = SeededGenerator(seed: 6)
        for index in 0..<2000 {
            let ticks = [Int64.min, .max, 0, Int64.random(in: .min ... .max, using: &generator)][
                Int.random(in: 0..<4, using: &generator)]
            let arrival = epoch + .milliseconds(40 * index)
            let time = clock.captureTime(
                timestamp: MediaTime(ticks: ticks, timeBase: MediaTimeBase(numerator: .max, denominator: 1)),
                arrival: arrival)
            #expect(time <= arrival && time.duration(to: arrival) <= .seconds(11))
        }
    }

    @Test(arguments: [Duration.seconds(100), .seconds(-100)])
    func aJumpTiesTheClocksAnew(_ jump: Duration) {
        var clock = CaptureClock(epoch: epoch)
        _ = captured(&clock, timestamp: .seconds(1000), arrival: .seconds(1))
        let arrival = Duration.milliseconds(1040)
        #expect(captured(&clock, timestamp: .seconds(1000) + jump, arrival: arrival) == arrival)
    }

    @Test func withoutTimestampsArrivalCounts() {
        var clock = CaptureClock(epoch: epoch)
        let arrival = epoch + .seconds(3)
        #expect(clock.captureTime(timestamp: nil, arrival: arrival) == arrival)
    }
}

@Suite struct OverloadTests {
    private let start = ContinuousClock.now

    @Test(arguments: [
        ([0.0], 1, false), ([0, 0.5], 1, false), ([0, 1], 2, true), ([0, 1], 10.9, true), ([0, 1], 11.1, false),
        ([0, 9.9], 10, true), ([0, 11], 12, false), ([0, 1, 12], 13, false), ([0, 0.5, 0.9, 1.1], 2, true),
    ])
    func picturesLeftOutTwiceAreAnOverload(_ hiccups: [Double], _ asked: Double, _ expected: Bool) {
        var overload = Overload()
        for hiccup in hiccups { overload.leftOut(at: start + .seconds(hiccup)) }
        #expect(overload.isPresent(at: start + .seconds(asked)) == expected)
    }
}

@Suite struct FrameBacklogTests {
    private let start = ContinuousClock.now

    /// - Parameter waiting: frames in the queue, each 40 ms.
    @Test(arguments: [
        ([1, 1, 1, 1, 1, 1, 1, 1], false), ([4, 3, 2, 1, 4, 3, 2, 4], false), ([2, 2, 2, 2, 2, 2], false),
        ([2, 2, 2, 2, 2, 2, 2], true), ([4, 4, 4, 4, 4, 4, 4, 4], true), ([4, 4, 4, 4, 4, 4, 4, 1], false),
        ([4, 0, 0, 4, 0, 0, 4], true),
    ])
    func anEncoderIsBehindWhenFramesAlwaysWait(_ waiting: [Int], _ expected: Bool) {
        var backlog = FrameBacklog()
        let answers = waiting.enumerated().map {
            backlog.isBehind(waiting: $1, at: start + .milliseconds(40 * $0))
        }
        #expect(answers.last == expected)
    }
}

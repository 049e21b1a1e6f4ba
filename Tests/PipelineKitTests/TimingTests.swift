import MediaKit
import Testing

@testable import PipelineKit

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

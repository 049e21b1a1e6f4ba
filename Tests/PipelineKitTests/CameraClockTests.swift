import MediaKit
import StreamProtocols
import Testing

@testable import PipelineKit

/// Whether a camera's sound stays with its picture, whatever its clocks say.
@Suite struct CameraClockTests {
    private static let epoch = MonotonicInstant.now

    private static let sound = RTPFormat(.g711(.a, sampleRate: 8000, channelCount: 1))

    /// A camera with 25 pictures and 50 frames of sound a second, which sends the picture 80 ms later than the sound.
    private struct Camera {
        var clock: CameraClock
        /// How much faster than time the timestamps run.
        var pictureRate = 1.0
        var soundRate = 1.0
        var pictureDelay = 0.1
        var soundDelay = 0.02
        /// What the camera takes for the time.
        var wallTime = 1_000_000.0
        var soundWallTime = 1_000_000.0
        /// When each of the two is reported; a day has no end.
        var firstPictureReport = 0.0
        var firstSoundReport = 0.0
        /// What it says that its sound begins with, as a time; nil while it says nothing of its beginning.
        var begunSound: Double?
        private(set) var seconds = 0.0
        /// Of 20 ms.
        private static let bytes = ArraySlice(repeating: 0 as UInt8, count: 160)
        private(set) var placed: [CameraClock.Place] = []
        private(set) var leftOut = 0
        /// Of sound and of the picture that belongs to it.
        private(set) var worstError: Duration = .zero
        /// The same of sound that is put where it was recorded.
        private(set) var worstKnown: Duration = .zero

        init(sharesClock: Bool = false) {
            clock = CameraClock(sound: CameraClockTests.sound, sharesClock: sharesClock, epoch: CameraClockTests.epoch)
        }

        private func report(_ wallTime: Double, _ rtpTimestamp: Int64) -> RTCPSenderReport {
            RTCPSenderReport(
                ssrc: 1, ntpTimestamp: NTPTimestamp(sinceUnixEpoch: .seconds(wallTime)),
                rtpTimestamp: UInt32(truncatingIfNeeded: rtpTimestamp), packetCount: 0, octetCount: 0)
        }

        private func pictureTicks(_ time: Double) -> Int64 {
            1_000_000 + Int64((time * 90_000 * pictureRate).rounded())
        }
        private func soundTicks(_ time: Double) -> Int64 { 777 + Int64((time * 8000 * soundRate).rounded()) }
        private func isDue(_ first: Double, _ time: Double) -> Bool {
            time >= first - 0.001 && (time - first).truncatingRemainder(dividingBy: 5) < 0.019
        }

        mutating func run(for duration: Double) {
            (worstError, worstKnown) = (.zero, .zero)
            let end = seconds + duration
            if seconds == 0, let begunSound {
                clock.begins(
                    picture: UInt32(truncatingIfNeeded: pictureTicks(0)),
                    sound: UInt32(truncatingIfNeeded: soundTicks(begunSound)))
            }
            while seconds < end - 0.001 {
                let time = seconds
                if isDue(firstPictureReport, time) {
                    clock.report(report(wallTime + time, pictureTicks(time)), isSound: false)
                }
                if isDue(firstSoundReport, time) {
                    clock.report(report(soundWallTime + time, soundTicks(time)), isSound: true)
                }
                let captured = clock.captureTime(
                    timestamp: MediaTime(ticks: pictureTicks(time), timeBase: .mpeg),
                    arrival: CameraClockTests.epoch + .seconds(1 + time + pictureDelay))
                for part in [0, 0.02] {
                    let frame = SoundFrame(
                        bytes: Camera.bytes, timestamp: soundTicks(time + part),
                        arrivalTime: CameraClockTests.epoch + .seconds(1 + time + part + soundDelay))
                    guard let sound = clock.place(frame) else {
                        leftOut += 1
                        continue
                    }
                    placed.append(sound)
                    if part == 0 {
                        let error = captured.duration(to: sound.captureTime)
                        worstError = max(worstError, error, .zero - error)
                        worstKnown = max(worstKnown, error + sound.lag, .zero - error - sound.lag)
                    }
                }
                seconds = (time * 25 + 1).rounded() / 25
            }
        }

        /// The least and the greatest distance of two frames.
        var steps: ClosedRange<Int64> {
            let steps = zip(placed, placed.dropFirst()).map { $1.presentationTime - $0.presentationTime }
            return (steps.min() ?? 0)...(steps.max() ?? 0)
        }
    }

    private static let never = 1e9

    @Test func reportsTellWhatBelongsTogether() {
        var camera = Camera()
        camera.run(for: 30)
        #expect(camera.worstError < .milliseconds(1))
        #expect(camera.steps == 160...160)
        #expect(camera.leftOut == 0)
    }

    @Test func withoutReportsWhatArrivesTogetherDoes() {
        var camera = Camera()
        (camera.firstPictureReport, camera.firstSoundReport) = (Self.never, 0)
        camera.soundDelay = 0.1
        camera.run(for: 30)
        #expect(camera.worstError < .milliseconds(1))
        #expect(camera.steps == 160...160)
    }

    /// Sound and picture arrive 80 ms apart all the while.
    @Test(arguments: [3, never]) func theBeginningTellsUntilReportsDo(firstReport: Double) {
        var camera = Camera()
        (camera.firstPictureReport, camera.firstSoundReport) = (firstReport, firstReport)
        camera.begunSound = 0
        camera.run(for: 60)
        #expect(camera.worstError < .milliseconds(1))
        #expect(camera.steps == 160...160)
        #expect(camera.leftOut == 0)
    }

    /// Without any report, the beginning would be wrong by 300 ms in ten minutes.
    @Test func theBeginningDoesNotTellForEver() {
        var camera = Camera()
        (camera.firstPictureReport, camera.firstSoundReport) = (Self.never, Self.never)
        camera.begunSound = 0
        camera.soundRate = 1.0005
        camera.run(for: 600)
        #expect(camera.worstError < .milliseconds(25))
        #expect((159...161).contains(camera.steps.lowerBound) && (159...161).contains(camera.steps.upperBound))
    }

    /// Some say of each track what happens to be its first.
    @Test(arguments: [-2, 0.9, 3600]) func aBeginningThatCanNotBeTrueIsNotBelieved(begunSound: Double) {
        var camera = Camera()
        (camera.firstPictureReport, camera.firstSoundReport) = (Self.never, Self.never)
        camera.soundDelay = 0.1
        camera.begunSound = begunSound
        camera.run(for: 30)
        #expect(camera.worstError < .milliseconds(1))
        #expect(camera.steps == 160...160)
    }

    @Test func soundIsCutToItsPictureWhenReportsComeLate() {
        var camera = Camera()
        (camera.firstPictureReport, camera.firstSoundReport) = (2, 3)
        camera.run(for: 2)
        #expect(camera.worstError >= .milliseconds(79))
        camera.run(for: 2)
        camera.run(for: 20)
        #expect(camera.worstError < .milliseconds(1))
        #expect(camera.steps.lowerBound == 160, "it goes forward alone")
    }

    /// It would be heard twice otherwise.
    @Test func soundThatIsTooLateIsLeftOut() {
        var camera = Camera()
        camera.soundDelay = 0.31
        (camera.firstPictureReport, camera.firstSoundReport) = (2, 3)
        camera.run(for: 4)
        camera.run(for: 20)
        #expect(camera.worstError < .milliseconds(1))
        #expect(camera.leftOut == 11, "0.21 s are ten frames and a half")
        #expect(camera.steps.lowerBound == 160, "no frame begins before the last one ends")
    }

    /// The cheapest quartz is wrong by less than this; ten minutes of it would be 300 ms. A half of the error that is left is that
    /// reports are followed by a part, the other that what is within 10 ms is left alone.
    @Test(arguments: [1.0005, 0.9995]) func aClockThatDriftsIsFollowedUnheard(rate: Double) {
        var camera = Camera()
        camera.soundRate = rate
        camera.run(for: 600)
        #expect(camera.worstError < .milliseconds(25))
        #expect(camera.worstKnown < .milliseconds(13), "what is encoded can be nearer")
        #expect((159...161).contains(camera.steps.lowerBound) && (159...161).contains(camera.steps.upperBound))
        #expect(camera.leftOut == 0)
    }

    /// Many count 25 pictures a second and send 21: the sound is right, and the picture's timestamps are not.
    @Test func aCameraThatCountsWronglyKeepsItsSound() {
        var camera = Camera()
        camera.pictureRate = 25.0 / 21
        camera.run(for: 20)
        camera.run(for: 60)
        #expect(camera.worstError < CameraClock.maximumError)
    }

    @Test func reportsThatCanNotBeTrueAreNotBelieved() {
        var camera = Camera()
        camera.soundWallTime += 3600
        camera.soundDelay = 0.1
        camera.run(for: 30)
        #expect(camera.worstError < .milliseconds(1))
        #expect(camera.steps == 160...160)
    }

    @Test func aWallClockThatIsSetChangesNothing() {
        var camera = Camera()
        camera.soundDelay = 0.09
        camera.firstSoundReport = 2.4
        camera.run(for: 21)
        camera.wallTime += 1.5
        camera.soundWallTime += 1.5
        camera.run(for: 30)
        #expect(camera.worstError < CameraClock.maximumError)
        #expect((159...161).contains(camera.steps.lowerBound) && (159...161).contains(camera.steps.upperBound))
    }

    @Test func timestampsOfOneClockNeedNoReports() {
        // Both count from the same moment here.
        var clock = CameraClock(sound: Self.sound, sharesClock: true, epoch: Self.epoch)
        let captured = clock.captureTime(
            timestamp: MediaTime(ticks: 90_000, timeBase: .mpeg), arrival: Self.epoch + .milliseconds(500))
        let sound = clock.place(
            SoundFrame(bytes: [0], timestamp: 8800, arrivalTime: Self.epoch + .milliseconds(900)))
        #expect(sound?.captureTime == captured + .milliseconds(100))
    }

    @Test func timestampsThatJumpGoOnWhenTheyArrive() throws {
        var clock = CameraClock(sound: Self.sound, sharesClock: false, epoch: Self.epoch)
        var last: Int64 = -1
        for (index, timestamp) in [0, 160, Int64.max, Int64.min, 5, 1 << 40].enumerated() {
            let arrival = Self.epoch + .milliseconds(20 * index)
            let placed = clock.place(SoundFrame(bytes: [0], timestamp: timestamp, arrivalTime: arrival))
            let sound = try #require(placed)
            #expect(sound.presentationTime > last)
            #expect(sound.captureTime.duration(to: arrival) < .milliseconds(25))
            last = sound.presentationTime
        }
    }
}

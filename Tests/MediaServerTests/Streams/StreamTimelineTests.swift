import StreamProtocols
import Testing

@testable import MediaServer

/// Pictures of 25 a second on track 0, AAC at 48 kHz on track 1, whose RTP timestamps begin anywhere.
@Suite struct StreamTimelineTests {
    private static let pictureOrigin: UInt32 = 4_000_000_000
    private static let soundOrigin: UInt32 = 77
    /// 2026, 0 h UTC.
    private static let wallTime: Duration = .seconds(1_767_225_600)

    private var timeline = {
        StreamTimeline([
            RTPFormat(.h264(nil)), RTPFormat(.opus(channelCount: 2)),
        ])
    }()

    /// What was captured at a time of the publisher, in seconds.
    private mutating func picture(_ time: Double, arrival: Double) -> Double {
        let timestamp = Int64(Self.pictureOrigin) + Int64((time * 90_000).rounded())
        return Double(timeline.place(timestamp, track: 0, now: .seconds(100 + arrival))) / 90_000
    }

    private mutating func sound(_ time: Double, arrival: Double) -> Double {
        let timestamp = Int64(Self.soundOrigin) + Int64((time * 48_000).rounded())
        return Double(timeline.place(timestamp, track: 1, now: .seconds(100 + arrival))) / 48_000
    }

    private mutating func report(track: Int, at time: Double, clock: Duration = wallTime, arrival: Double = 0) {
        let (origin, rate) = track == 0 ? (Self.pictureOrigin, 90_000.0) : (Self.soundOrigin, 48_000)
        timeline.report(
            RTCPSenderReport(
                ssrc: 1, ntpTimestamp: NTPTimestamp(sinceUnixEpoch: clock + .seconds(time)),
                rtpTimestamp: origin &+ UInt32(truncatingIfNeeded: Int64((time * rate).rounded())), packetCount: 0,
                octetCount: 0),
            track: track, now: .seconds(100 + arrival))
    }

    /// The time on the line, in seconds.
    private func now(_ time: Double) -> Double { timeline.time(at: .seconds(time)).map { $0 / .seconds(1) } ?? .nan }

    private func isClose(_ left: Double, _ right: Double) -> Bool { abs(left - right) < 0.0002 }

    @Test func withoutReportsTheTracksAreWhereTheyArrive() {
        var test = self
        #expect(isClose(test.picture(3, arrival: 0), 0))
        #expect(isClose(test.sound(9, arrival: 0.02), 0.02))
        #expect(isClose(test.sound(9.5, arrival: 0.6), 0.52))
    }

    /// ffmpeg: each track's report comes before its first packet.
    @Test func reportsBeforeTheFirstSampleAreExact() {
        var test = self
        test.report(track: 0, at: 3)
        #expect(isClose(test.picture(3, arrival: 0), 0))
        test.report(track: 1, at: 3)
        // Captured 40 ms before the picture, and late by 300 ms.
        #expect(isClose(test.sound(2.96, arrival: 0.3), -0.04))
        #expect(isClose(test.picture(3.04, arrival: 0.3), 0.04))
    }

    /// The first report comes after three seconds: sound goes on exactly, the picture is moved to it.
    @Test func aLateReportMovesThePictureAndNotTheSound() {
        var test = self
        var (lastPicture, lastSound) = (0.0, 0.0)
        for index in 0..<250 {
            let time = Double(index) * 0.04
            // Sound is sent 120 ms later than the picture that it belongs to.
            let picture = test.picture(time, arrival: time)
            let sound = test.sound(time, arrival: time + 0.12)
            if index > 0 {
                #expect((0.0359...0.0441).contains(picture - lastPicture))
                #expect(isClose(sound - lastSound, 0.04))
            }
            (lastPicture, lastSound) = (picture, sound)
            if index == 75 { test.report(track: 0, at: time) }
            if index == 80 { test.report(track: 1, at: time) }
        }
        #expect(abs(lastPicture - lastSound) <= 0.011)
    }

    /// NTP sets the publisher's clock by an hour: nothing is moved by that.
    @Test func aClockThatIsSetIsForgotten() {
        var test = self
        for index in 0..<500 {
            let time = Double(index) * 0.04
            if index % 100 == 0 {
                let clock = Self.wallTime + (index < 250 ? .zero : .seconds(3600))
                test.report(track: 0, at: time, clock: clock)
                test.report(track: 1, at: time, clock: clock)
            }
            #expect(isClose(test.picture(time, arrival: time), time))
            #expect(isClose(test.sound(time, arrival: time), time))
        }
    }

    /// Cameras tell times of which one is seventy years before the other.
    @Test func reportsThatCanNotBeAreNotFollowed() {
        var test = self
        test.report(track: 0, at: 0)
        #expect(isClose(test.picture(0, arrival: 0), 0))
        test.report(track: 1, at: 0, clock: .zero)
        #expect(isClose(test.sound(0, arrival: 0.01), 0.01))
        #expect(isClose(test.picture(0.04, arrival: 0.04), 0.04))
    }

    @Test func theNextPublisherHasReportsOfItsOwn() {
        var test = self
        test.report(track: 0, at: 0)
        test.report(track: 1, at: 0)
        _ = (test.picture(0, arrival: 0), test.sound(0, arrival: 0))
        test.timeline.publisherChanged()
        #expect(isClose(test.picture(500, arrival: 2), 2))
        #expect(isClose(test.sound(0, arrival: 2.01), 2.01))
    }

    /// 29 pictures of the past, as a placeholder begins with: what the first report to viewers says is true of all later ones too.
    @Test func aPublisherThatBeginsInThePastSaysWhenNowIs() {
        var test = self
        for track in 0...1 { test.report(track: track, at: 11.12) }
        _ = test.picture(10, arrival: 0)
        #expect(isClose(test.now(100), 1.12))
        for index in 1..<29 { _ = test.picture(10 + Double(index) * 0.04, arrival: 0) }
        #expect(isClose(test.now(100), 1.12))
        _ = test.sound(11.12, arrival: 0)
        #expect(isClose(test.now(105), 6.12))
        for track in 0...1 { test.report(track: track, at: 16.12, arrival: 5) }
        #expect(isClose(test.now(106), 7.12))
    }

    /// GStreamer's reports are ahead of its pictures by the time that the encoder takes.
    @Test func reportsThatComeLaterDoNotMoveWhatViewersWereTold() {
        var test = self
        _ = test.picture(10, arrival: 0)
        test.report(track: 0, at: 11, arrival: 0)
        _ = test.picture(10.04, arrival: 0.04)
        #expect(isClose(test.now(100.04), 0.04))
    }

    @Test func viewersAreToldAnEvenClock() {
        var clock = WallClockLine()
        let wall: Duration = .seconds(1_767_225_600)
        #expect(clock.wallTime(of: .seconds(5), now: wall) == wall)
        // What came late by 30 ms does not move the viewers' clock; a drift of 120 ms does, by two.
        #expect(clock.wallTime(of: .seconds(10), now: wall + .milliseconds(5030)) == wall + .seconds(5))
        #expect(clock.wallTime(of: .seconds(15), now: wall + .milliseconds(10_120)) == wall + .milliseconds(10_002))
        // A clock that was set is followed.
        #expect(clock.wallTime(of: .seconds(20), now: wall + .seconds(3600)) == wall + .seconds(3600))
    }
}

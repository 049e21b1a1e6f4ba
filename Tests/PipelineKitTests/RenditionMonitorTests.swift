import Foundation
import MediaKit
import StreamModel
import Testing

@testable import PipelineKit

@Suite struct RenditionMonitorTests {
    private let target = PublishTarget(path: "a", host: "h", port: 1, username: "u", password: "p")
    private let other = PublishTarget(path: "b", host: "h", port: 1, username: "u", password: "p")

    private func states(_ log: EventLog) -> [RenditionState] {
        log.events.compactMap { if case .rendition(let status) = $0 { status.state } else { nil } }
    }

    @Test func aChangeOfStateIsReportedAtOnceAndOnce() {
        let log = EventLog()
        let monitor = RenditionMonitor(id: "r", events: log.sink)
        monitor.targets([target])
        monitor.begin()
        monitor.picture(.opening)
        monitor.picture(.placeholder(signalLost: nil))
        monitor.publisher(target, .recording)
        monitor.picture(.placeholder(signalLost: nil))
        monitor.picture(.live)
        monitor.publisher(target, .sent(pictures: 1, bytes: 10))
        monitor.publisher(target, .lost(.closed))
        monitor.publisher(target, .lost(.closed))
        monitor.publisher(target, .recording)
        monitor.picture(.failed(reason: "no memory"))
        monitor.end()
        monitor.picture(.live)
        #expect(states(log) == [.starting, .placeholder, .live, .reconnecting, .live, .failed, .cold])
    }

    @Test func sinceWhenThereIsNoSignalIsReportedOnce() {
        let log = EventLog()
        let monitor = RenditionMonitor(id: "r", events: log.sink)
        monitor.targets([target])
        monitor.publisher(target, .recording)
        let lost = Date(timeIntervalSince1970: 1_700_000_000)
        for since in [nil, lost, lost] { monitor.picture(.placeholder(signalLost: since)) }
        monitor.picture(.live)
        let reported = log.events.compactMap { event -> Double?? in
            if case .rendition(let status) = event { .some(status.signalLostAtUnix) } else { nil }
        }
        #expect(reported.suffix(3) == [nil, 1_700_000_000, nil])
    }

    @Test func thatNothingMovesIsReported() {
        let log = EventLog()
        let monitor = RenditionMonitor(id: "r", events: log.sink)
        monitor.targets([target])
        monitor.publisher(target, .recording)
        for picture in [
            .rest(.nothingMoves), .rest(.nothingMoves), .rest(.nothingDetected), .placeholder(signalLost: nil),
        ] as [RenditionMonitor.Picture] {
            monitor.picture(picture)
        }
        let reported = log.events.compactMap { event -> RestReason?? in
            if case .rendition(let status) = event, status.state == .placeholder { .some(status.rest) } else { nil }
        }
        #expect(reported == [.nothingMoves, .nothingDetected, nil])
    }

    @Test func whatIsHeardIsToldForEachPathWithItsBitrate() throws {
        let log = EventLog()
        let monitor = RenditionMonitor(id: "r", events: log.sink)
        let start = MonotonicInstant.now
        monitor.targets([target, other])
        monitor.begin(at: start)
        let audio = AudioSummary(codec: "aac", sampleRate: 16_000, channels: 1)
        let opus = AudioSummary(codec: "opus", sampleRate: 48_000, channels: 1)
        monitor.publisher(
            target,
            .announced(sounds: [
                PublishedSound(track: 1, status: SoundStatus(audio, .copied)),
                PublishedSound(track: 3, status: SoundStatus(opus, .encoded)),
            ]))
        monitor.publisher(other, .announced(sounds: []))
        monitor.publisher(target, .sent(pictures: 25, bytes: 90_000, soundBytes: [1: 3000]))
        monitor.publisher(target, .sent(pictures: 25, bytes: 90_000, soundBytes: [1: 5000, 3: 2000]))
        monitor.report(at: start + .seconds(2))
        guard case .rendition(let status) = try #require(log.events.last) else { return }
        #expect(
            status.sounds == [
                "a": [SoundStatus(audio, .copied, bitrateKbps: 32), SoundStatus(opus, .encoded, bitrateKbps: 8)]
            ])
        monitor.publisher(target, .announced(sounds: []))
        monitor.report(at: start + .seconds(3))
        guard case .rendition(let later) = try #require(log.events.last) else { return }
        #expect(later.sounds == [:])
    }

    @Test func oneTargetThatIsReachedIsEnoughAndTheOtherIsNamed() throws {
        let log = EventLog()
        let monitor = RenditionMonitor(id: "r", events: log.sink)
        monitor.targets([target, other])
        monitor.picture(.live)
        monitor.publisher(target, .recording)
        monitor.publisher(other, .lost(.wrongCredentials))
        guard case .rendition(let status) = try #require(log.events.last) else { return }
        #expect(status.state == .live)
        #expect(status.message == PublishError.wrongCredentials.description)
        #expect(status.messageCode == MessageCode("publish_wrong_credentials"))
    }

    @Test func countersNeverGoBack() throws {
        let log = EventLog()
        let monitor = RenditionMonitor(id: "r", events: log.sink)
        monitor.targets([target])
        monitor.publisher(target, .sent(pictures: 50, bytes: 500))
        monitor.targets([other])
        monitor.publisher(other, .sent(pictures: 2, bytes: 20))
        monitor.queueDropped(total: 3)
        monitor.publisher(other, .dropped(pictures: 4))
        monitor.encoded(by: "libx264", in: .milliseconds(4), isRepeat: false)
        monitor.encoded(by: "libx264", in: .milliseconds(8), isRepeat: true)
        monitor.report()
        guard case .rendition(let status) = try #require(log.events.last) else { return }
        #expect(status.framesSent == 50)
        #expect(status.bytesSent == 520)
        #expect(status.framesDropped == 7)
        #expect(status.framesRepeated == 1)
        #expect(status.encodeMilliseconds == 6)
        #expect(abs(status.encodeSeconds - 0.012) < 1e-9)
    }

    @Test func ratesAndMeansAreThoseSinceTheLastReport() throws {
        let log = EventLog()
        let monitor = RenditionMonitor(id: "r", events: log.sink)
        let start = MonotonicInstant.now
        monitor.targets([target, other])
        monitor.begin(at: start)
        for second in 1...2 {
            for _ in 0..<25 {
                monitor.received()
                monitor.handedOver(after: .milliseconds(second * 10))
            }
            // The same frames go to both.
            for target in [target, other] { monitor.publisher(target, .sent(pictures: 25, bytes: 12_500 * second)) }
            monitor.report(at: start + .seconds(second))
        }
        guard case .rendition(let status) = try #require(log.events.last) else { return }
        #expect(status.framesReceived == 50)
        #expect(status.framesPerSecond == 25)
        // 25 000 bytes in a second.
        #expect(status.bitrateKbps == 200)
        #expect(status.delayMilliseconds == 20)
        #expect(status.bytesSent == 75_000)
        monitor.report(at: start + .seconds(3))
        guard case .rendition(let quiet) = try #require(log.events.last) else { return }
        #expect(quiet.framesPerSecond == 0 && quiet.bitrateKbps == 0 && quiet.delayMilliseconds == nil)
    }

    /// - Parameters:
    ///   - busy: of each second, how much is spent on encoding.
    ///   - dropped: how many pictures are pushed out in each second.
    @Test(arguments: [
        (Duration.milliseconds(900), [1, 1, 1], true), (.milliseconds(900), [0, 0, 0], false),
        (.milliseconds(900), [1, 0, 0], false), (.milliseconds(300), [9, 9, 9], false),
    ])
    func anEncoderThatIsTooSlowSaysWhatToDo(_ busy: Duration, _ dropped: [Int], _ isOverloaded: Bool) throws {
        let log = EventLog()
        let monitor = RenditionMonitor(id: "r", events: log.sink)
        let start = MonotonicInstant.now
        monitor.targets([target])
        monitor.begin(at: start)
        monitor.picture(.live)
        monitor.publisher(target, .recording)
        var total = 0
        for (second, count) in dropped.enumerated() {
            total += count
            monitor.encoded(by: "libx264", in: busy, isRepeat: false)
            monitor.queueDropped(total: total)
            monitor.report(at: start + .seconds(second + 1))
        }
        guard case .rendition(let status) = try #require(log.events.last) else { return }
        #expect(status.state == .live)
        #expect(status.message == (isOverloaded ? Overload.sentence : nil))
        monitor.report(at: start + .seconds(20))
        guard case .rendition(let later) = try #require(log.events.last) else { return }
        #expect(later.message == nil)
    }
}

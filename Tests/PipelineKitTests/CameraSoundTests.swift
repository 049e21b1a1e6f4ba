import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Synchronization
import Testing

@testable import PipelineKit

/// Which sound reaches the renditions of a transmission, and on which time line.
@Suite struct CameraSoundTests {
    private static let opus = RTPFormat(.opus(channelCount: 2))
    private let start = MonotonicInstant.now

    private static func transmission() throws -> TransmissionState {
        TransmissionState(
            try Transmission(json: ["id": "t", "name": "T", "path": "t"]), events: { _ in },
            logger: Logger(label: "test"))
    }

    /// What waits for a rendition: the bytes of frames, and nil for word that the sound is another one.
    private static func signals(_ feed: RenditionFeed) -> [ArraySlice<UInt8>?] {
        var result: [ArraySlice<UInt8>?] = []
        while let signal = feed.signals.pop() {
            switch signal {
            case .sound(let sound): result.append(sound.bytes)
            case .soundChanged: result.append(nil)
            default: break
            }
        }
        return result
    }

    @Test func theSoundIsThatOfTheWriterThatIsShown() throws {
        let state = try Self.transmission()
        let feed = RenditionFeed(frameCapacity: 4)
        state.attach("r", queue: feed.frames, signals: feed.signals, now: start)
        state.open("a", priority: 0, now: start)
        state.open("b", priority: 1, now: start)
        state.hear(.known(.format(Sounds.format)), by: "a")
        #expect(state.sound == .format(Sounds.format))
        state.hear(.frame(Sounds.frame([1], at: start)), by: "a")
        state.hear(.known(.none), by: "b")
        #expect(Self.signals(feed) == [nil], "there is no picture yet, and the first is who it will be of")

        state.write(try TestFrames.frame(), by: "a", priority: 0, now: start)
        state.hear(.frame(Sounds.frame([2], at: start)), by: "a")
        state.hear(.known(.format(Self.opus)), by: "b")
        state.hear(.frame(Sounds.frame([3], at: start, 0, Self.opus)), by: "b")
        #expect(Self.signals(feed) == [[2]])

        // The other one takes over once the first is stale.
        state.write(try TestFrames.frame(), by: "b", priority: 1, now: start + .seconds(10))
        #expect(state.sound == .format(Self.opus))
        state.hear(.frame(Sounds.frame([4], at: start, 0, Self.opus)), by: "b")
        state.hear(.frame(Sounds.frame([5], at: start)), by: "a")
        #expect(Self.signals(feed) == [nil, [4]])

        // Its camera comes back without sound.
        state.hear(.known(.none), by: "b")
        state.hear(.frame(Sounds.frame([6], at: start, 0, Self.opus)), by: "b")
        #expect(Self.signals(feed) == [nil])
    }

    /// Until it is told of another one, of which it has not said yet what it does with it.
    @Test func whoDoesNotPassSoundOnIsNotWokenByIt() throws {
        let state = try Self.transmission()
        let feed = RenditionFeed(frameCapacity: 4)
        state.attach("r", queue: feed.frames, signals: feed.signals, now: start)
        state.hear(.known(.format(Sounds.format)), by: "a")
        state.write(try TestFrames.frame(), by: "a", priority: 0, now: start)
        state.takeSound([], "r")
        state.hear(.frame(Sounds.frame([1], at: start)), by: "a")
        #expect(Self.signals(feed) == [nil])
        state.hear(.known(.format(Self.opus)), by: "a")
        state.hear(.frame(Sounds.frame([2], at: start, 0, Self.opus)), by: "a")
        #expect(Self.signals(feed) == [nil, [2]])
    }

    @Test func whatIsExpectedHoldsUntilACameraIsOpened() throws {
        let state = try Self.transmission()
        let feed = RenditionFeed(frameCapacity: 4)
        state.attach("r", queue: feed.frames, signals: feed.signals, now: start)
        #expect(state.sound == .unknown)
        state.expectedSound = .none
        state.expectedSound = .format(Sounds.format)
        #expect(state.sound == .format(Sounds.format))
        #expect(Self.signals(feed) == [nil, nil])
        state.hear(.known(.format(Sounds.format)), by: "a")
        state.expectedSound = .none
        #expect(state.sound == .format(Sounds.format))
        #expect(Self.signals(feed) == [])
    }

    private static let known: [KnownSound] = {
        // The clock of AAC is a choice of who sends it.
        let aac = AACConfiguration([0x14, 0x08]).map { MediaFormat.aac($0) }
        let clocks: [UInt32] = [16_000, 90_000]
        let formats =
            [Sounds.format, opus, RTPFormat(.mp3(nil), payloadType: 14)]
            + clocks.compactMap { rate in aac.map { RTPFormat($0, clockRate: rate) } }
        return [.unknown, .none] + formats.map { .format($0) }
    }()

    @Test(arguments: known)
    func theNextWorkerIsToldTheSame(sound: KnownSound) {
        #expect(KnownSound(text: sound.text) == sound)
    }

    @Test(arguments: [
        "v=0", "\u{0}", SessionDescription(media: [RTPFormat(.h264(nil)).mediaDescription()]).serialized(),
    ])
    func whatCanNotBeReadIsNotKnown(text: String) {
        #expect(KnownSound(text: text) == .unknown)
    }

    @Test func soundIsStampedAsItIsSpacedAndWhenItWasRecorded() {
        var line = RenditionSound()
        let origin = start - .seconds(10)
        func time(_ presentationTime: Int64, after seconds: Double) -> Int64? {
            line.sample(
                of: Sounds.frame([0], at: start + .seconds(seconds), presentationTime), since: origin
            )?.presentationTime
        }
        // A rounding error of half a tick more or less changes nothing.
        #expect(time(1_000_000, after: 0) == 80_000)
        #expect(time(1_000_160, after: 0.02006) == 80_160)
        #expect(time(1_000_320, after: 0.03994) == 80_320)
        // The camera is opened again: another line.
        #expect(time(5, after: 1) == 88_000)
        #expect(time(5, after: 1) == nil, "nobody hears it twice")
        #expect(time(6, after: -20) == nil)
        #expect(time(165, after: 1.02) == 88_160)
    }

    @Test func aCameraThatIsOpenIsKnownToWhoComesLater() {
        let fanout = FrameFanout()
        fanout.opened(with: .format(Sounds.format))
        let known = Mutex<[KnownSound]>([])
        var consumer = FrameFanout.Consumer(receive: { _ in })
        consumer.hear = { signal in
            if case .known(let sound) = signal { known.withLock { $0.append(sound) } }
        }
        fanout.set([consumer])
        fanout.opened(with: .none)
        #expect(known.withLock { $0 } == [.format(Sounds.format), .none])
    }
}

import Logging
import MediaKit
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

/// A camera's sound on its way through an encoder: what comes out is when it was heard.
@Suite(.timeLimit(.minutes(1)))
struct SoundTranscoderTests {
    private static let aac = SoundEncoding(codec: .aac, sampleRate: 48_000, channelCount: 1)
    private static let opus = SoundEncoding(codec: .opus, sampleRate: 48_000, channelCount: 1)

    private let transcoder = SoundTranscoder(logger: Logger(label: "test"))

    private func queue() -> BoundedQueue<RenditionSignal> { BoundedQueue(capacity: 5000) }

    /// 20 ms of G.711: a loud square wave of 1 kHz, or silence.
    private func frame(at start: MonotonicInstant, loud: Bool) -> CameraSound {
        let bytes = (0..<160).map { index -> UInt8 in loud ? (index % 8 < 4 ? 0x90 : 0x10) : 0xFF }
        return Sounds.frame(bytes, at: start)
    }

    /// Frames of an encoding from a queue, until one of them is of this instant or later.
    private func frames(
        _ queue: BoundedQueue<RenditionSignal>, _ encoding: SoundEncoding, until instant: MonotonicInstant
    ) async -> [CameraSound] {
        var frames: [CameraSound] = []
        while frames.last.map({ $0.captureTime < instant }) ?? true {
            guard let signal = queue.pop() else {
                // Yielding alone would keep the core that other tests wait for.
                try? await Task.sleep(for: .milliseconds(1))
                continue
            }
            if case .sound(let frame) = signal, frame.version == .encoded(encoding) { frames.append(frame) }
        }
        return frames
    }

    /// When it is loud, since an instant: beginnings and ends.
    private func edges(_ frames: [CameraSound], since start: MonotonicInstant) throws -> [Double] {
        let first = try #require(frames.first)
        let decoder = try SoundDecoder(try #require(first.format.media.decoderInfo))
        let resampler = SoundResampler(sampleRate: 8000, channelCount: 1)
        let samples = try frames.flatMap {
            try decoder.decode($0.bytes, presentationTime: MediaTime(ticks: 0, timeBase: .microseconds))
                .flatMap { try resampler.convert($0) }
        }
        let begin = start.duration(to: first.captureTime) / .seconds(1)
        // Loud is what has been loud within a millisecond.
        let loud = samples.indices.map { index in samples[max(index - 8, 0)...index].contains { abs($0) > 0.1 } }
        return loud.indices.dropFirst().filter { loud[$0] != loud[$0 - 1] }.map { begin + Double($0) / 8000 }
    }

    private func expect(_ found: [Double], _ expected: [Double], _ comment: Comment? = nil) {
        #expect(found.count == expected.count, "\(found)")
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 0.012 }, "\(found)")
    }

    @Test func whatIsHeardKeepsItsTimeInEveryEncoding() async throws {
        let signals = queue()
        transcoder.subscribe("r", to: [Self.aac, Self.opus], signals: signals)
        let start = MonotonicInstant.now + .seconds(1)
        for number in 0..<50 {
            transcoder.hear(frame(at: start + .milliseconds(20 * number), loud: (10..<20).contains(number)))
        }
        let heard = await frames(signals, Self.aac, until: start + .milliseconds(800))
        expect(try edges(heard, since: start), [0.2, 0.4])
        // On a line without gaps, a little of which is before the first that was asked for: what the encoder begins with.
        let times = heard.map(\.presentationTime)
        #expect(times.first == -1024)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 1024 })
        transcoder.unsubscribe("r", signals: signals)

        let other = queue()
        transcoder.subscribe("s", to: [Self.opus], signals: other)
        let later = MonotonicInstant.now + .seconds(3)
        for number in 0..<50 {
            transcoder.hear(frame(at: later + .milliseconds(20 * number), loud: (10..<20).contains(number)))
        }
        expect(
            try edges(await frames(other, Self.opus, until: later + .milliseconds(800)), since: later), [0.2, 0.4])
        transcoder.unsubscribe("s", signals: other)
    }

    /// A line that is copied may be 30 ms away from its picture, and another 15 ms would be too much.
    @Test(arguments: [-25, 25]) func whatIsOnItsWayToItsPictureIsEncodedWhereItBelongs(lag: Int) async throws {
        let signals = queue()
        transcoder.subscribe("r", to: [Self.aac], signals: signals)
        let start = MonotonicInstant.now + .seconds(1)
        for number in 0..<50 {
            var frame = frame(at: start + .milliseconds(20 * number - lag), loud: (10..<20).contains(number))
            frame.lag = .milliseconds(lag)
            transcoder.hear(frame)
        }
        let heard = await frames(signals, Self.aac, until: start + .milliseconds(800))
        expect(try edges(heard, since: start), [0.2, 0.4])
        transcoder.unsubscribe("r", signals: signals)
    }

    /// The clock goes on while a computer sleeps. Silence for all of that time would take minutes to encode.
    @Test func aComputerThatSleptForMonthsGoesOnAtOnce() async throws {
        let signals = queue()
        transcoder.subscribe("r", to: [Self.aac], signals: signals)
        let before = MonotonicInstant.now + .seconds(1)
        transcoder.hear(frame(at: before, loud: false))
        _ = await frames(signals, Self.aac, until: before - .milliseconds(500))
        let start = before + .seconds(100 * 86_400)
        for number in 0..<50 {
            transcoder.hear(frame(at: start + .milliseconds(20 * number), loud: (10..<20).contains(number)))
        }
        let heard = await frames(signals, Self.aac, until: start + .milliseconds(800))
        expect(try edges(heard.filter { $0.captureTime >= start - .seconds(1) }, since: start), [0.2, 0.4])
        transcoder.unsubscribe("r", signals: signals)
    }

    /// Lost frames are not made up for by those that follow; what comes twice, because two transmissions hear it, is heard once.
    @Test func whatIsMissingIsSilentAndWhatComesTwiceIsHeardOnce() async throws {
        let signals = queue()
        transcoder.subscribe("r", to: [Self.aac], signals: signals)
        let start = MonotonicInstant.now + .seconds(1)
        for number in 0..<60 where !(20..<30).contains(number) {
            let frame = frame(at: start + .milliseconds(20 * number), loud: number >= 10 && number < 40)
            transcoder.hear(frame)
            transcoder.hear(frame)
        }
        let heard = await frames(signals, Self.aac, until: start + .milliseconds(1000))
        expect(try edges(heard, since: start), [0.2, 0.4, 0.6, 0.8])
        transcoder.unsubscribe("r", signals: signals)
    }

    /// Another camera's, in another codec, on the same line.
    @Test func soundOfAnotherKindGoesOnWhereTheFirstEnded() async throws {
        let signals = queue()
        transcoder.subscribe("r", to: [Self.aac], signals: signals)
        let start = MonotonicInstant.now + .seconds(1)
        for number in 0..<20 { transcoder.hear(frame(at: start + .milliseconds(20 * number), loud: number >= 10)) }
        let linear = RTPFormat(
            .generic(GenericFormat(kind: .audio, encodingName: "L16", clockRate: 16_000, channelCount: 2)))
        let quiet = [UInt8](repeating: 0, count: 1280)
        let loud = (0..<1280).map { index -> UInt8 in index % 2 == 1 ? 0 : index / 4 % 16 < 8 ? 0x40 : 0xC0 }
        for number in 20..<60 {
            transcoder.hear(
                Sounds.frame(number < 40 ? loud : quiet, at: start + .milliseconds(20 * number), 0, linear))
        }
        let heard = await frames(signals, Self.aac, until: start + .milliseconds(1000))
        expect(try edges(heard, since: start), [0.2, 0.8])
        transcoder.unsubscribe("r", signals: signals)
    }

    /// Nobody else gets what two ask for, and it is made once for them: the same bytes.
    @Test func anEncodingIsMadeOnceForAll() async throws {
        let (one, two, three) = (queue(), queue(), queue())
        transcoder.subscribe("1", to: [Self.aac], signals: one)
        transcoder.subscribe("2", to: [Self.aac], signals: two)
        transcoder.subscribe("3", to: [Self.opus], signals: three)
        let start = MonotonicInstant.now + .seconds(1)
        for number in 0..<50 { transcoder.hear(frame(at: start + .milliseconds(20 * number), loud: true)) }
        let end = start + .milliseconds(800)
        let first = await frames(one, Self.aac, until: end).filter { $0.captureTime > start }
        let second = await frames(two, Self.aac, until: end).filter { $0.captureTime > start }
        #expect(first.map(\.bytes) == second.map(\.bytes) && first.map(\.captureTime) == second.map(\.captureTime))
        let third = await frames(three, Self.opus, until: end)
        #expect(third.allSatisfy { $0.version == .encoded(Self.opus) })
        for (id, signals) in [("1", one), ("2", two), ("3", three)] { transcoder.unsubscribe(id, signals: signals) }
    }

    /// Nobody waits for sound that does not come, and silence is not ahead of time.
    @Test func whileNothingComesThereIsSilenceAtThePaceOfTime() async throws {
        let signals = queue()
        let silent = SoundEncoding(codec: .aac, sampleRate: 48_000, channelCount: 1, isSilent: true)
        let start = MonotonicInstant.now
        transcoder.subscribe("r", to: [Self.aac, silent], signals: signals)
        for encoding in [Self.aac, silent] {
            let heard = await frames(signals, encoding, until: start + .milliseconds(500))
            #expect(try #require(heard.last).captureTime <= .now)
            #expect(try edges(heard, since: start).isEmpty)
        }
        // What is silent stays so.
        let later = MonotonicInstant.now + .seconds(1)
        for number in 0..<50 { transcoder.hear(frame(at: later + .milliseconds(20 * number), loud: true)) }
        let heard = await frames(signals, Self.aac, until: later + .milliseconds(800))
        #expect(try edges(heard, since: later).count == 1)
        let other = await frames(signals, silent, until: later + .milliseconds(100))
        #expect(try edges(other, since: later).isEmpty)
        transcoder.unsubscribe("r", signals: signals)
    }

    /// What a rendition has asked for ends with it, not with the one that took its place.
    @Test func whoHasTakenThePlaceOfAnotherGoesOn() async throws {
        let (old, new) = (queue(), queue())
        transcoder.subscribe("r", to: [Self.aac], signals: old)
        transcoder.subscribe("r", to: [Self.aac], signals: new)
        transcoder.unsubscribe("r", signals: old)
        let start = MonotonicInstant.now
        #expect(await frames(new, Self.aac, until: start).isEmpty == false)
        transcoder.unsubscribe("r", signals: new)
    }

    /// The thread that encoded for somebody who has left may still have much to do.
    @Test func whoComesWhenAllOthersHaveLeftGetsNothingOfTheirs() async throws {
        let (old, new) = (queue(), queue())
        transcoder.subscribe("r", to: [Self.aac], signals: old)
        let start = MonotonicInstant.now + .seconds(5)
        for number in 0..<900 { transcoder.hear(frame(at: start + .milliseconds(20 * number), loud: true)) }
        _ = await frames(old, Self.aac, until: start)
        transcoder.unsubscribe("r", signals: old)
        transcoder.subscribe("s", to: [Self.aac], signals: new)
        let heard = await frames(new, Self.aac, until: .now)
        // Silence, which is not ahead of time.
        let now = MonotonicInstant.now
        #expect(heard.allSatisfy { $0.captureTime <= now })
        transcoder.unsubscribe("s", signals: new)
    }

    @Test func whatCannotBeEncodedHarmsNothingElse() async throws {
        let signals = queue()
        let impossible = SoundEncoding(codec: .opus, sampleRate: 44_100, channelCount: 1)
        transcoder.subscribe("r", to: [impossible, Self.aac], signals: signals)
        let start = MonotonicInstant.now
        #expect(await frames(signals, Self.aac, until: start + .milliseconds(100)).isEmpty == false)
        transcoder.unsubscribe("r", signals: signals)
    }
}

import DequeModule
import EngineContract
import NIOCore
import StreamProtocols
import TestSupport
import Testing

@testable import MediaServer

/// The parts of low-latency HLS, and what playlists say of them.
@Suite struct HLSLowLatencyTests {
    private let wallTime = ProgramDateTime(millisecondsSinceEpoch: 1_800_000_000_000)

    private func makeMuxer(
        _ formats: [RTPFormat] = [RTPFormat(TestPicture.format)], _ change: (inout HLSSettings) -> Void = { _ in }
    ) -> HLSMuxer {
        var settings = HLSSettings()
        settings.use(.lowLatency)
        change(&settings)
        var muxer = HLSMuxer(settings: settings, namePrefix: "p", firstNumber: 100)
        _ = muxer.streamStarted(formats)
        return muxer
    }

    private func feed(_ muxer: inout HLSMuxer, _ samples: [Sample]) -> [HLSMuxer.Event?] {
        samples.map { sample in
            muxer.append(
                sample, track: 0, at: wallTime.advanced(by: .microseconds(sample.presentationTime * 100 / 9)))
        }
    }

    private func lines(_ muxer: HLSMuxer, _ tag: String) -> [String] {
        muxer.mediaPlaylist(session: nil).split(separator: "\n").filter { $0.hasPrefix(tag) }.map(String.init)
    }

    // MARK: Parts

    @Test func aPartIsThereAsSoonAsTheNextPictureHasCome() {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(26))
        #expect(muxer.segments.map(\.parts.count) == [5])
        #expect(muxer.segments[0].parts.map(\.duration) == Array(repeating: .milliseconds(200), count: 5))
        #expect(muxer.segments[0].parts.map(\.isIndependent) == [true, false, false, false, false])
        let events = feed(
            &muxer,
            TestPicture.sequence(11, from: 26 * 3600, keyframeInterval: 100).map { picture in
                TestPicture.picture(picture.presentationTime)
            })
        #expect(
            events.map { $0 == .partCompleted } == [
                false, false, false, false, true, false, false, false, false, true, false,
            ])
        #expect(
            lines(muxer, "#EXT-X-PART:").suffix(2) == [
                "#EXT-X-PART:DURATION=0.200000,URI=\"p_101_0.mp4\",INDEPENDENT=YES",
                "#EXT-X-PART:DURATION=0.200000,URI=\"p_101_1.mp4\"",
            ])
        #expect(lines(muxer, "#EXT-X-PRELOAD-HINT") == ["#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"p_101_2.mp4\""])
        #expect(muxer.content(named: "p_101_1.mp4") != nil && muxer.content(named: "p_101_2.mp4") == nil)
    }

    @Test func aSegmentIsItsPartsAndSharesTheirMemory() throws {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(60))
        for segment in muxer.segments {
            let parts = segment.parts.flatMap { [UInt8]($0.content.readableBytesView) }
            #expect(parts == [UInt8](segment.content.readableBytesView))
            let whole = segment.content.withUnsafeReadableBytes { $0.baseAddress }
            let first = try #require(segment.parts.first?.content.withUnsafeReadableBytes { $0.baseAddress })
            #expect(first == whole)
        }
    }

    @Test func aHoleMakesALongPartAndLeavesTheTargetAsItWas() {
        var muxer = makeMuxer { $0.segmentCount = 3 }
        _ = feed(&muxer, TestPicture.sequence(30))
        let target = lines(muxer, "#EXT-X-PART-INF")
        _ = feed(&muxer, [TestPicture.picture(30 * 3600 + 60_000)])
        #expect(lines(muxer, "#EXT-X-PART-INF") != target)
        var check = LowLatencyPlaylistCheck()
        check.isRegular = false
        check.read(muxer.mediaPlaylist(session: nil))
        #expect(check.problems.isEmpty, "\(check.problems)")
        _ = feed(&muxer, TestPicture.sequence(25 * 12, from: 31 * 3600 + 60_000))
        #expect(lines(muxer, "#EXT-X-PART-INF") == target)
    }

    @Test func aSegmentThatIsTooLargeKeepsThePartsThatPlayersHave() {
        var muxer = makeMuxer { $0.segmentMaxSize = 64 << 10 }
        _ = feed(&muxer, TestPicture.sequence(41))
        let hint = muxer.nextPartName
        let events = feed(&muxer, [TestPicture.picture(41 * 3600, byteCount: 80 << 10)])
        guard case .segmentTooLarge = events[0] else {
            Issue.record("the limit is not kept")
            return
        }
        #expect(muxer.segments.map(\.parts.count) == [5, 3])
        #expect(muxer.nextPartName != hint && muxer.content(named: hint) == nil)
        #expect(muxer.partByteCount == 0)
        _ = feed(&muxer, TestPicture.sequence(40, from: 50 * 3600))
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, false, true])
    }

    @Test func soundThatWasNotAnnouncedWaitsForTheNextSegment() throws {
        // Nobody knows what silence is with six channels, so that it is announced when it comes.
        let sound = RTPFormat(.aac(try #require(AACConfiguration([0x11, 0xB0]))), payloadType: 97)
        #expect(sound.media.silentFrame == nil)
        var muxer = makeMuxer([RTPFormat(TestPicture.format), sound])
        for index in 0..<Int64(80) {
            _ = feed(
                &muxer,
                TestPicture.sequence(1, from: index * 3600, keyframeInterval: 1).map {
                    index % 25 == 0 ? $0 : TestPicture.picture($0.presentationTime)
                })
            guard index > 33 else { continue }
            let rate = Int64(sound.clockRate)
            let frame = Sample(frame: [0x21, 0x10], presentationTime: index * rate / 25)
            _ = muxer.append(frame, track: 1, at: wallTime.advanced(by: .milliseconds(40 * index)))
        }
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, false, true])
        let names = muxer.segments.map { $0.initialization?.name }
        #expect(names[0] == names[1] && names[1] != names[2])
    }

    // MARK: Playlists

    @Test func olderSegmentsAreLeftOutOfAnUpdate() {
        var muxer = makeMuxer { $0.segmentCount = 20 }
        _ = feed(&muxer, TestPicture.sequence(25 * 20 + 8))
        var whole = LowLatencyPlaylistCheck()
        whole.read(muxer.mediaPlaylist(session: nil))
        var update = LowLatencyPlaylistCheck()
        update.read(muxer.mediaPlaylist(session: nil, maySkip: true))
        #expect(whole.problems + update.problems == [])
        // Twenty of a second, of which those of the last six seconds and the one that reaches into them stay.
        #expect(whole.skippedCount == 0 && update.skippedCount == 14)
        #expect(update.firstNumber == whole.firstNumber)
        #expect(Array(whole.segments.dropFirst(14)) == update.segments)
    }

    @Test(arguments: [
        (DeliveryDirectives.Awaited.segment(100), true, false), (.segment(101), false, false),
        (.segment(102), false, false), (.segment(103), false, true), (.part(0, ofSegment: 101), true, false),
        (.part(1, ofSegment: 101), false, false), (.part(14, ofSegment: 101), false, false),
        (.part(15, ofSegment: 101), false, true), (.part(4, ofSegment: 100), true, false),
        (.part(9, ofSegment: 100), true, false), (.part(0, ofSegment: 102), false, false),
        (.part(14, ofSegment: 102), false, true), (.part(0, ofSegment: 103), false, true),
        (.part(1 << 52, ofSegment: 1 << 52), false, true), (.segment(0), true, false),
    ])
    func whatIsThereAndWhatIsTooFarAhead(awaited: DeliveryDirectives.Awaited, isThere: Bool, isTooFar: Bool) {
        var muxer = makeMuxer()
        // One segment of five parts, and a part of the next; three seconds of parts are fourteen.
        _ = feed(&muxer, TestPicture.sequence(32))
        #expect(muxer.startedSegment?.parts.count == 1)
        #expect(muxer.has(awaited) == isThere)
        #expect(muxer.isTooFarAhead(awaited) == isTooFar)
    }

    @Test func aPartThatItsSegmentDidNotGetIsTheFirstOfTheNext() {
        var muxer = makeMuxer()
        _ = feed(&muxer, TestPicture.sequence(26))
        #expect(muxer.startedSegment == nil)
        #expect(muxer.has(.part(4, ofSegment: 100)) && !muxer.has(.part(5, ofSegment: 100)))
        _ = feed(
            &muxer,
            TestPicture.sequence(6, from: 26 * 3600).dropFirst().map { TestPicture.picture($0.presentationTime) })
        #expect(muxer.has(.part(5, ofSegment: 100)))
    }

    // MARK: Rules

    /// Streams of all kinds, each from its number.
    @Test(arguments: 0..<60) func playlistsKeepApplesRules(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let rates = [5, 6, 7.5, 8, 10, 12, 12.5, 15, 18, 20, 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60]
        let rate = rates[seed % rates.count]
        let hasPictures = seed % 5 != 4
        let soundRate = [48_000, 44_100, 16_000].randomElement(using: &random) ?? 48_000
        let sound: RTPFormat? =
            seed % 5 == 0
            ? nil
            : seed % 2 == 0
                ? RTPFormat(.opus(channelCount: 2), payloadType: 97)
                : RTPFormat(.aac(try #require(AACConfiguration(soundRate == 48_000 ? [0x11, 0x90] : [0x12, 0x10]))))
        let soundStep = sound?.media == .opus(channelCount: 2) ? Int64(960) : 1024
        // A clock that is up to 400 ppm off.
        let drift = 1 + Double.random(in: -400...400, using: &random) / 1e6
        let keyframeEvery = Double.random(in: 0.4...4.5, using: &random)
        var muxer = makeMuxer(
            hasPictures ? [RTPFormat(TestPicture.format), sound].compactMap(\.self) : [sound].compactMap(\.self)
        ) {
            $0.segmentDuration = .milliseconds(Int.random(in: 500...2000, using: &random))
            $0.segmentCount = Int.random(in: 3...12, using: &random)
        }
        var check = LowLatencyPlaylistCheck()
        var (lastKeyframe, nextSound) = (-10.0, Int64(0))
        var bytes: [String: [UInt8]] = [:]
        for index in 0..<Int(30 * rate) {
            let nominal = Double(index) / rate
            // Cameras write times of whole milliseconds, a little off.
            let time = ((nominal * 1000).rounded() + Double.random(in: -1.5...1.5, using: &random)) / 1000
            let now = wallTime.advanced(by: .milliseconds(Int64(nominal * 1000)))
            var events: [HLSMuxer.Event?] = []
            if hasPictures {
                let isKeyframe = nominal - lastKeyframe >= keyframeEvery
                if isKeyframe { lastKeyframe = nominal }
                let ticks = Int64(time * 90_000)
                events.append(
                    muxer.append(
                        isKeyframe ? TestPicture.keyframe(ticks) : TestPicture.picture(ticks), track: 0, at: now))
            }
            while let sound, Double(nextSound) * drift / Double(sound.clockRate) < nominal {
                let frame = Sample(frame: [0xF9, 0x21, 0x10], presentationTime: Int64(Double(nextSound) * drift))
                events.append(muxer.append(frame, track: hasPictures ? 1 : 0, at: now))
                nextSound += soundStep
            }
            guard muxer.isReady, events.contains(where: { $0 != nil }) else { continue }
            check.read(muxer.mediaPlaylist(session: nil))
            for segment in check.segments {
                for part in segment.parts where bytes[part.uri] == nil {
                    bytes[part.uri] = [UInt8](try #require(muxer.content(named: part.uri)).readableBytesView)
                }
                guard let uri = segment.uri, !segment.parts.isEmpty, bytes[uri] == nil else { continue }
                bytes[uri] = [UInt8](try #require(muxer.content(named: uri)).readableBytesView)
                #expect(bytes[uri] == segment.parts.flatMap { bytes[$0.uri] ?? [] })
            }
            guard check.problems.isEmpty else { break }
        }
        #expect(check.problems.isEmpty, "\(rate) fps, a keyframe each \(keyframeEvery) s: \(check.problems.prefix(3))")
        #expect(check.segments.count > 2)
    }
}

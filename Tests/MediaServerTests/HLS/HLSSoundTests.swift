import DequeModule
import NIOCore
import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct HLSSoundTests {
    private let wallTime = ProgramDateTime(millisecondsSinceEpoch: 1_800_000_000_000)

    private static func aac() throws -> RTPFormat {
        RTPFormat(.aac(try #require(AACConfiguration([0x11, 0x90]))), payloadType: 97)
    }

    private static let opus = RTPFormat(.opus(channelCount: 2), payloadType: 97)

    private func makeMuxer(_ container: HLSSettings.Container, _ formats: [RTPFormat]) -> HLSMuxer {
        var settings = HLSSettings()
        settings.container = container
        var muxer = HLSMuxer(settings: settings, namePrefix: "p", firstNumber: 100)
        _ = muxer.streamStarted(formats)
        return muxer
    }

    /// Pictures at 25 fps on track 0, a keyframe each second, and frames on track 1 at `rate`, which take 40 ms or `frameDuration`.
    private func feed(
        _ muxer: inout HLSMuxer, _ range: Range<Int64>, rate: Int64 = 48_000, frameDuration: Int64? = nil,
        hasSound: Bool = true
    ) {
        let duration = frameDuration ?? rate / 25
        for index in range {
            let picture =
                index % 25 == 0 ? TestPicture.keyframe(index * 3600) : TestPicture.picture(index * 3600)
            let time = wallTime.advanced(by: .milliseconds(40 * index))
            _ = muxer.append(picture, track: 0, at: time)
            guard hasSound else { continue }
            let due = index * rate / 25..<(index + 1) * rate / 25
            for number in (due.lowerBound + duration - 1) / duration..<(due.upperBound + duration - 1) / duration {
                let frame = Sample(
                    frame: [0xF9, UInt8(truncatingIfNeeded: number)], presentationTime: number * duration)
                _ = muxer.append(frame, track: 1, at: time)
            }
        }
    }

    /// The bodies of boxes of a type, wherever they are.
    private func bodies(_ type: String, in content: ByteBuffer) -> [[UInt8]] {
        let bytes = [UInt8](content.readableBytesView)
        return bytes.indices.filter { bytes[$0...].starts(with: Array(type.utf8)) }.map { start in
            let size = bytes[(start - 4)..<start].reduce(0) { $0 << 8 | Int($1) }
            return [UInt8](bytes[(start + 4)..<(start - 4 + size)])
        }
    }

    @Test func fragmentsHaveBothTracks() throws {
        var muxer = makeMuxer(.fmp4, [RTPFormat(TestPicture.format), Self.opus])
        feed(&muxer, 0..<76)
        #expect(muxer.segments.map(\.duration) == Array(repeating: .seconds(1), count: 3))
        let initialization = try #require(muxer.segments[0].initialization?.content)
        #expect(
            bodies("hdlr", in: initialization).map { String(decoding: $0[8..<12], as: UTF8.self) } == ["vide", "soun"])
        #expect(bodies("dOps", in: initialization).count == 1)
        for segment in muxer.segments {
            // ISO/IEC 14496-12 §8.8.8: sample_count behind version and flags.
            #expect(bodies("trun", in: segment.content).map { $0[7] } == [25, 25])
            #expect(segment.initialization == muxer.segments[0].initialization)
            #expect(!segment.isDiscontinuity)
        }
        // Both begin at the same time, each by its clock (§8.8.12).
        let times = bodies("tfdt", in: muxer.segments[1].content).map { $0[4..<12].reduce(0) { $0 << 8 | Int64($1) } }
        #expect(times.count == 2)
        #expect(times[0] * 48_000 == times[1] * 90_000)
        #expect(muxer.multivariantPlaylist(session: nil).contains("CODECS=\"avc1.42C01E,opus\""))
    }

    @Test func transportStreamsHaveBothTracks() throws {
        var muxer = makeMuxer(.mpegts, [RTPFormat(TestPicture.format), try Self.aac()])
        feed(&muxer, 0..<51, frameDuration: 1024)
        let bytes = [UInt8](muxer.segments[0].content.readableBytesView)
        // The program map, behind the program association: stream types 0x1B and 0x0F (ISO/IEC 13818-1 table 2-34).
        let map = bytes[188..<376]
        #expect(map[188 + 17] == 0x1B && map[188 + 22] == 0x0F)
        let pids = stride(from: 0, to: bytes.count, by: 188).map { Int(bytes[$0 + 1] & 0x1F) << 8 | Int(bytes[$0 + 2]) }
        #expect(Set(pids) == [0, 0x1000, 0x100, 0x101])
        #expect(pids.count { $0 == 0x101 } == 47)
        #expect(muxer.multivariantPlaylist(session: nil).contains("CODECS=\"avc1.42C01E,mp4a.40.2\""))
    }

    /// How many tracks the segments announce.
    private func trackCounts(_ muxer: HLSMuxer) -> [Int] {
        muxer.segments.map { segment in
            muxer.settings.container == .fmp4
                ? bodies("hdlr", in: segment.initialization?.content ?? ByteBuffer()).count
                : [UInt8](segment.content.readableBytesView)[188 + 7] == 0x12 ? 1 : 2
        }
    }

    /// Players wait for sound that they are told of, and can't be told later that there is none: its place is taken.
    @Test(arguments: [HLSSettings.Container.mpegts, .fmp4]) func silenceTakesThePlaceOfSound(
        container: HLSSettings.Container
    ) throws {
        var muxer = makeMuxer(container, [RTPFormat(TestPicture.format), try Self.aac()])
        feed(&muxer, 0..<25, hasSound: false)
        feed(&muxer, 25..<50)
        feed(&muxer, 50..<300, hasSound: false)
        feed(&muxer, 300..<351)
        #expect(muxer.segments.count >= 6)
        #expect(muxer.segments.allSatisfy { !$0.isDiscontinuity && $0.duration == .seconds(1) })
        #expect(Set(trackCounts(muxer)) == [2])
    }

    /// Of some sound nobody knows a silent frame: where it stops, players are told of pictures alone.
    @Test(arguments: [HLSSettings.Container.mpegts, .fmp4]) func otherSoundThatStopsIsNotWaitedFor(
        container: HLSSettings.Container
    ) throws {
        // ISO/IEC 14496-3 §1.6.2.1: object type 5 (SBR) at 24 and 48 kHz, a pair of channels, over LC.
        let configuration = try #require(AACConfiguration([0x2B, 0x11, 0x88, 0x00]))
        var muxer = makeMuxer(
            container, [RTPFormat(TestPicture.format), RTPFormat(.aac(configuration), payloadType: 97)])
        feed(&muxer, 0..<50)
        feed(&muxer, 50..<100, hasSound: false)
        feed(&muxer, 100..<151)
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, false, true, false, true, false])
        #expect(muxer.segments.allSatisfy { $0.duration == .seconds(1) })
        #expect(trackCounts(muxer) == [2, 2, 1, 1, 2, 2])
    }

    @Test func soundAloneIsCutByTime() throws {
        var muxer = makeMuxer(.mpegts, [try Self.aac()])
        var events = 0
        for index in 0..<240 {
            let frame = Sample(frame: [1, 2], presentationTime: Int64(index) * 1024)
            if muxer.append(frame, track: 0, at: wallTime) != nil { events += 1 }
        }
        // Half a second at first, then nine tenths at least.
        #expect(events >= 4)
        #expect(muxer.segments.map(\.duration).allSatisfy { $0 >= .milliseconds(500) && $0 < .milliseconds(1000) })
        let playlist = muxer.multivariantPlaylist(session: nil)
        #expect(playlist.contains("CODECS=\"mp4a.40.2\""))
        #expect(!playlist.contains("RESOLUTION") && !playlist.contains("FRAME-RATE"))
        #expect([UInt8](muxer.segments[0].content.readableBytesView)[188 + 17] == 0x0F)
    }

    /// What MP3 is, its first frame tells; that is no reason to begin again.
    @Test func mp3IsLearned() throws {
        var muxer = makeMuxer(.fmp4, [RTPFormat(TestPicture.format), RTPFormat(.mp3(nil))])
        for index in 0..<Int64(51) {
            let picture = index % 25 == 0 ? TestPicture.keyframe(index * 3600) : TestPicture.picture(index * 3600)
            _ = muxer.append(picture, track: 0, at: wallTime)
            // ffmpeg 5.1, `-c:a libmp3lame -ar 48000 -ac 2`.
            let frame = Sample(frame: [0xFF, 0xFB, 0x94, 0x64, 1], presentationTime: index * 3600)
            _ = muxer.append(frame, track: 1, at: wallTime)
        }
        #expect(muxer.segments.map(\.isDiscontinuity) == [false, false])
        let initialization = try #require(muxer.segments[0].initialization?.content)
        #expect(bodies("esds", in: initialization).count == 1)
    }

    @Test func soundThatTheContainerDoesNotCarryIsLeftOut() {
        let g711 = RTPFormat(.g711(.mu, sampleRate: 8000, channelCount: 1))
        #expect(makeMuxer(.mpegts, []).tracks(of: [g711]).isEmpty)
        #expect(makeMuxer(.fmp4, []).tracks(of: [g711]).isEmpty)
        #expect(makeMuxer(.mpegts, []).tracks(of: [Self.opus]).isEmpty)
        #expect(makeMuxer(.fmp4, []).tracks(of: [g711, Self.opus, Self.opus]) == [1])
        var muxer = makeMuxer(.mpegts, [RTPFormat(TestPicture.format), g711])
        feed(&muxer, 0..<51, rate: 8000)
        #expect(muxer.multivariantPlaylist(session: nil).contains("CODECS=\"avc1.42C01E\""))
    }
}

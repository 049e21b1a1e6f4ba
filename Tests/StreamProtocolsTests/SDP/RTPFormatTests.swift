import Testing

@testable import StreamProtocols

/// Descriptions of sound.
@Suite struct RTPFormatTests {
    struct Case: Sendable {
        var source: String
        var media: String
        var name: String
        var clockRate: UInt32
        /// What viewers are told.
        var served: [String]
    }

    static let cases = [
        Case(
            source: "ffmpeg 5.1, AAC",
            media: """
                m=audio 0 RTP/AVP 97
                a=rtpmap:97 MPEG4-GENERIC/48000/2
                a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; config=119056E500
                """,
            name: "MPEG-4 Audio", clockRate: 48_000,
            served: [
                "rtpmap:97 MPEG4-GENERIC/48000/2",
                "fmtp:97 streamtype=5; profile-level-id=1; mode=AAC-hbr; sizelength=13; indexlength=3; "
                    + "indexdeltalength=3; config=119056e500",
            ]),
        Case(
            source: "ffmpeg 5.1, AAC in LATM",
            media: """
                m=audio 0 RTP/AVP 97
                a=rtpmap:97 MP4A-LATM/48000/2
                a=fmtp:97 profile-level-id=41;cpresent=0;config=400023203fc0
                """,
            name: "MPEG-4 Audio", clockRate: 48_000,
            served: [
                "rtpmap:97 MPEG4-GENERIC/48000/2",
                "fmtp:97 streamtype=5; profile-level-id=1; mode=AAC-hbr; sizelength=13; indexlength=3; "
                    + "indexdeltalength=3; config=1190",
            ]),
        Case(
            source: "ffmpeg 5.1, Opus",
            media: "m=audio 0 RTP/AVP 98\na=rtpmap:98 opus/48000/2\na=fmtp:98 sprop-stereo=1", name: "Opus",
            clockRate: 48_000, served: ["rtpmap:98 opus/48000/2", "fmtp:98 sprop-stereo=1"]),
        Case(
            source: "RFC 3551 table 4", media: "m=audio 0 RTP/AVP 0", name: "G711", clockRate: 8000,
            served: ["rtpmap:0 PCMU/8000"]),
        Case(
            source: "a camera with PCMA", media: "m=audio 0 RTP/AVP 8\na=rtpmap:8 PCMA/8000", name: "G711",
            clockRate: 8000, served: ["rtpmap:8 PCMA/8000"]),
        Case(
            source: "ffmpeg 5.1, MP3", media: "m=audio 0 RTP/AVP 14", name: "MPEG-1/2 Audio", clockRate: 90_000,
            served: ["rtpmap:14 MPA/90000"]),
        Case(
            source: "a camera with G.726", media: "m=audio 0 RTP/AVP 97\na=rtpmap:97 G726-32/8000", name: "G726",
            clockRate: 8000, served: ["rtpmap:97 G726-32/8000"]),
        Case(
            source: "by hand: AAC without its configuration",
            media: "m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/48000/2\na=fmtp:97 mode=AAC-hbr",
            name: "MPEG-4 Audio", clockRate: 48_000,
            served: ["rtpmap:97 MPEG4-GENERIC/48000/2", "fmtp:97 mode=AAC-hbr"]),
        Case(
            source: "ONVIF metadata", media: "m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000",
            name: "vnd.onvif.metadata", clockRate: 90_000, served: ["rtpmap:107 vnd.onvif.metadata/90000"]),
    ]

    @Test(arguments: cases) func reads(_ example: Case) throws {
        let media = try #require(try SessionDescription(parsing: Array("v=0\n\(example.media)\n".utf8)).media.first)
        let format = try RTPFormat(passingOn: media)
        #expect(format.media.name == example.name)
        #expect(format.clockRate == example.clockRate)
        #expect(format.media.kind == media.kind)
        let served = format.served.mediaDescription(control: "trackID=1")
        #expect(served.attributes.map(\.description) == example.served + ["control:trackID=1"])
        #expect(served.kind == media.kind)
        // What viewers are told is what they get.
        #expect(try RTPFormat(passingOn: served) == format.served)
    }

    @Test func viewersStayOnlyWithWhatTheyWereTold() throws {
        let aac = MediaFormat.aac(try #require(AACConfiguration([0x11, 0x90])))
        let other = MediaFormat.aac(try #require(AACConfiguration([0x14, 0x08])))
        #expect(aac.isCompatible(with: aac))
        #expect(!aac.isCompatible(with: other))
        #expect(MediaFormat.h264(nil).isCompatible(with: .h264(H264ParameterSets(sps: [0x67], pps: [0x68]))))
        #expect(!MediaFormat.h264(nil).isCompatible(with: .h265(nil)))
        let mp3 = MPEGAudioFormat(version: .mpeg1, layer: 3, sampleRate: 48_000, channelCount: 2)
        #expect(MediaFormat.mp3(mp3).isCompatible(with: .mp3(nil)))
        #expect(
            !MediaFormat.g711(.mu, sampleRate: 8000, channelCount: 1)
                .isCompatible(with: .g711(.a, sampleRate: 8000, channelCount: 1)))
    }
}

import StreamProtocols
import Testing

@Suite struct MediaPlaylistTests {
    /// The example of RFC 8216 §8.2, "Live Media Playlist Using HTTPS", with our tag order and six decimals.
    @Test func rendersALivePlaylist() {
        let playlist = MediaPlaylist(
            targetDurationSeconds: 8,
            mediaSequence: 2680,
            hasIndependentSegments: false,
            segments: [
                MediaSegment(uri: "https://priv.example.com/fileSequence2680.ts", duration: .milliseconds(7975)),
                MediaSegment(uri: "https://priv.example.com/fileSequence2681.ts", duration: .milliseconds(7941)),
                MediaSegment(uri: "https://priv.example.com/fileSequence2682.ts", duration: .milliseconds(7975)),
            ]
        )
        #expect(
            playlist.rendered() == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-TARGETDURATION:8
                #EXT-X-MEDIA-SEQUENCE:2680
                #EXTINF:7.975000,
                https://priv.example.com/fileSequence2680.ts
                #EXTINF:7.941000,
                https://priv.example.com/fileSequence2681.ts
                #EXTINF:7.975000,
                https://priv.example.com/fileSequence2682.ts

                """
        )
    }

    @Test func rendersFragmentedMP4WithDiscontinuityAndDate() {
        let first = MediaInitialization(uri: "init0.mp4")
        let second = MediaInitialization(uri: "init1.mp4")
        let playlist = MediaPlaylist(
            targetDurationSeconds: 2,
            mediaSequence: 7,
            discontinuitySequence: 3,
            segments: [
                MediaSegment(
                    uri: "7.mp4",
                    duration: .seconds(2),
                    programDateTime: ProgramDateTime(millisecondsSinceEpoch: 1_771_751_103_040),
                    initialization: first
                ),
                MediaSegment(uri: "8.mp4", duration: .milliseconds(1999), initialization: first),
                MediaSegment(uri: "9.mp4", duration: .seconds(1), isDiscontinuity: true, initialization: second),
            ],
            isEnded: true
        )
        // EXT-X-MAP applies to every segment until the next one (RFC 8216 §4.3.2.5), so it is written once per change.
        #expect(
            playlist.rendered() == """
                #EXTM3U
                #EXT-X-VERSION:7
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-TARGETDURATION:2
                #EXT-X-MEDIA-SEQUENCE:7
                #EXT-X-DISCONTINUITY-SEQUENCE:3
                #EXT-X-MAP:URI="init0.mp4"
                #EXT-X-PROGRAM-DATE-TIME:2026-02-22T09:05:03.040Z
                #EXTINF:2.000000,
                7.mp4
                #EXTINF:1.999000,
                8.mp4
                #EXT-X-DISCONTINUITY
                #EXT-X-MAP:URI="init1.mp4"
                #EXTINF:1.000000,
                9.mp4
                #EXT-X-ENDLIST

                """
        )
    }

    /// RFC 8216 §4.3.3.1: EXTINF rounded to the nearest integer must not exceed the target duration.
    @Test(arguments: [
        (Duration.zero, 1), (.milliseconds(499), 1), (.milliseconds(1499), 1), (.milliseconds(1500), 2),
        (.seconds(10), 10),
    ])
    func targetDurationRoundsToTheNearestSecond(duration: Duration, seconds: Int) {
        #expect(MediaPlaylist.targetDurationSeconds(atLeast: duration) == seconds)
    }

    /// RFC 8216 §4.1: a line is a URI, a tag or blank, so a URI must not bring a line of its own.
    @Test func aURICannotForgeATag() {
        let playlist = MediaPlaylist(
            targetDurationSeconds: 1,
            segments: [
                MediaSegment(
                    uri: "#a\n#EXT-X-ENDLIST",
                    duration: .seconds(1),
                    initialization: MediaInitialization(uri: "i\",X=\"")
                )
            ]
        )
        let lines = playlist.rendered().split(separator: "\n")
        #expect(lines.contains("%23a%0A#EXT-X-ENDLIST"))
        #expect(lines.contains("#EXT-X-MAP:URI=\"i%22,X=%22\""))
        #expect(!lines.contains("#EXT-X-ENDLIST"))
    }

    @Test func aDurationJustBelowASecondCarries() {
        let almost = Duration(secondsComponent: 1, attosecondsComponent: 999_999_900_000_000_000)
        let playlist = MediaPlaylist(targetDurationSeconds: 2, segments: [MediaSegment(uri: "a", duration: almost)])
        #expect(playlist.rendered().contains("#EXTINF:2.000000,\n"))
    }

    /// By the example of RFC 8216bis §9.10, "Low-Latency Playlist", with a part target, a skip and an initialization of its own.
    @Test func rendersALowLatencyPlaylist() {
        let initialization = MediaInitialization(uri: "init.mp4")
        let date = ProgramDateTime(millisecondsSinceEpoch: 1_771_751_103_040)
        func part(_ name: String, _ isIndependent: Bool = false) -> PartialSegment {
            PartialSegment(uri: name, duration: .microseconds(333_340), isIndependent: isIndependent)
        }
        let playlist = MediaPlaylist(
            targetDurationSeconds: 4, mediaSequence: 266,
            segments: [
                MediaSegment(
                    uri: "fileSequence271.mp4", duration: .milliseconds(667), programDateTime: date,
                    initialization: initialization, parts: [part("filePart271.0.mp4", true), part("filePart271.1.mp4")])
            ],
            lowLatency: LowLatencyPlaylist(
                partTarget: .microseconds(333_340), skipBoundary: .seconds(24), skippedSegments: 5,
                unfinished: UnfinishedSegment(
                    isDiscontinuity: false, programDateTime: date.advanced(by: .milliseconds(667)),
                    initialization: initialization, parts: [part("filePart272.a.mp4", true)]),
                nextPartURI: "filePart272.b.mp4")
        )
        #expect(
            playlist.rendered() == """
                #EXTM3U
                #EXT-X-VERSION:9
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-TARGETDURATION:4
                #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.002000,CAN-SKIP-UNTIL=24.000000
                #EXT-X-PART-INF:PART-TARGET=0.334000
                #EXT-X-MEDIA-SEQUENCE:266
                #EXT-X-SKIP:SKIPPED-SEGMENTS=5
                #EXT-X-MAP:URI="init.mp4"
                #EXT-X-PROGRAM-DATE-TIME:2026-02-22T09:05:03.040Z
                #EXT-X-PART:DURATION=0.333340,URI="filePart271.0.mp4",INDEPENDENT=YES
                #EXT-X-PART:DURATION=0.333340,URI="filePart271.1.mp4"
                #EXTINF:0.667000,
                fileSequence271.mp4
                #EXT-X-PROGRAM-DATE-TIME:2026-02-22T09:05:03.707Z
                #EXT-X-PART:DURATION=0.333340,URI="filePart272.a.mp4",INDEPENDENT=YES
                #EXT-X-PRELOAD-HINT:TYPE=PART,URI="filePart272.b.mp4"

                """
        )
        #expect(playlist.lowLatency?.advancePartLimit == 9)
    }
}

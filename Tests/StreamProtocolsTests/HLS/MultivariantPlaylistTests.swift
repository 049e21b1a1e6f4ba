import StreamProtocols
import Testing

@Suite struct MultivariantPlaylistTests {
    /// Attributes as in RFC 8216 §4.3.4.2: RESOLUTION is decimal-resolution, FRAME-RATE has three decimals, CODECS is
    /// quoted.
    @Test func rendersAVariant() {
        let playlist = MultivariantPlaylist(
            variants: [
                VariantStream(
                    uri: "main_stream.m3u8",
                    peakBitsPerSecond: 2_560_000,
                    averageBitsPerSecond: 2_400_000,
                    codecs: ["avc1.42c01f", "mp4a.40.2"],
                    resolution: VariantStream.Resolution(width: 1280, height: 720),
                    framesPerThousandSeconds: 29_970
                )
            ]
        )
        #expect(
            playlist.rendered() == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-STREAM-INF:BANDWIDTH=2560000,AVERAGE-BANDWIDTH=2400000,CODECS="avc1.42c01f,mp4a.40.2",\
                RESOLUTION=1280x720,FRAME-RATE=29.970
                main_stream.m3u8

                """
        )
    }

    @Test func leavesOutWhatIsNotKnown() {
        let playlist = MultivariantPlaylist(
            version: 7,
            hasIndependentSegments: false,
            variants: [VariantStream(uri: "v.m3u8", peakBitsPerSecond: 1)]
        )
        #expect(playlist.rendered() == "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n")
    }
}

import Testing

@testable import StreamProtocols

@Suite struct TSAudioTests {
    /// ffmpeg 5.1's program map for sound alone, `-c:a aac` and `-c:a libmp3lame`, `-f mpegts`.
    @Test(arguments: [
        ("aac", "475000100002b0120001c10000e100f0000fe100f000b69bc0d9"),
        ("mp3", "475000100002b0120001c10000e100f00003e100f000d786445c"),
    ])
    func writesTheMapOfFFmpeg(name: String, hex: String) throws {
        let mp3 = MPEGAudioFormat(version: .mpeg1, layer: 3, sampleRate: 48_000, channelCount: 2)
        let aac = try #require(AACConfiguration([0x11, 0x90]))
        var muxer = TSMuxer(
            streams: [try #require(TSElementaryStream(name == "aac" ? .aac(aac) : .mp3(mp3)))])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)
        #expect([UInt8](bytes[188...].prefix(26)) == hexBytes(hex))
    }

    @Test func soundComesBesideThePicture() throws {
        let aac = try #require(AACConfiguration([0x11, 0x90]))
        var muxer = TSMuxer(streams: [
            try #require(TSElementaryStream(.h264(nil))), try #require(TSElementaryStream(.aac(aac), pid: 0x101)),
        ])
        var bytes: [UInt8] = []
        muxer.appendVideo(
            nalUnits: [[0x65, 1]], presentationTime: 3600, decodeTime: 3600, isRandomAccess: true, to: &bytes)
        muxer.appendAudio(
            frame: [UInt8](repeating: 5, count: 288)[...], presentationTime: 0, streamIndex: 1, to: &bytes)
        // A frame that ADTS can't carry, and one for the picture's stream, are left out.
        muxer.appendAudio(
            frame: [UInt8](repeating: 5, count: 9000)[...], presentationTime: 0, streamIndex: 1, to: &bytes)
        muxer.appendAudio(frame: [1], presentationTime: 0, streamIndex: 0, to: &bytes)
        let packets = try #require(TransportStreamReader.packets(bytes))
        let units = TransportStreamReader.pesPackets(packets, pid: 0x101)
        // PES of stream_id 0xC0 with its length (ISO/IEC 13818-1 §2.4.3.7), PTS 0, and ffmpeg's ADTS header of this frame.
        let header = hexBytes("000001c0 012f 84 80 05 2100010001".filter { $0 != " " })
        #expect(units == [header + hexBytes("fff14c8024fffc") + [UInt8](repeating: 5, count: 288)])
        // The clock is the picture's.
        #expect(packets.filter { $0.clockReference != nil }.map(\.pid) == [0x100])
    }

    @Test func whatFewPlayersKnowIsNotCarried() {
        #expect(TSElementaryStream(.opus(channelCount: 2)) == nil)
        #expect(TSElementaryStream(.g711(.mu, sampleRate: 8000, channelCount: 1)) == nil)
    }
}

import Testing

@testable import StreamProtocols

@Suite struct AACConfigurationTests {
    struct Case: Sendable {
        var source: String
        var hex: String
        var objectType: UInt8 = 2
        var sampleRate: UInt32
        var channelCount: Int
        var extensionSampleRate: UInt32?
        var codecString: String
    }

    static let cases = [
        Case(
            source: "ffmpeg 5.1, -c:a aac", hex: "119056E500", sampleRate: 48_000, channelCount: 2,
            codecString: "mp4a.40.2"),
        Case(
            source: "RFC 3640 §3.3.5", hex: "1388", sampleRate: 22_050, channelCount: 1, codecString: "mp4a.40.2"),
        Case(
            source: "RFC 3640 §3.3.6", hex: "11B0", sampleRate: 48_000, channelCount: 6, codecString: "mp4a.40.2"),
        Case(source: "a Hikvision camera", hex: "1408", sampleRate: 16_000, channelCount: 1, codecString: "mp4a.40.2"),
        // ISO/IEC 14496-3 §1.6.5: AOT 5, 22 050 Hz, two channels, 44 100 Hz, AOT 2.
        Case(
            source: "by hand: hierarchical HE-AAC", hex: "2B920800", sampleRate: 22_050, channelCount: 2,
            extensionSampleRate: 44_100, codecString: "mp4a.40.5"),
        // The same with a single channel and AOT 29, as HE-AAC v2 has it.
        Case(
            source: "by hand: HE-AAC v2", hex: "EB8A0800", sampleRate: 22_050, channelCount: 2,
            extensionSampleRate: 44_100, codecString: "mp4a.40.29"),
        // AOT 2, 24 000 Hz, two channels; 0x2B7, AOT 5, present, 48 000 Hz.
        Case(
            source: "by hand: backward compatible HE-AAC", hex: "131056E598", sampleRate: 24_000, channelCount: 2,
            extensionSampleRate: 48_000, codecString: "mp4a.40.5"),
        // AOT 2, rate written out: 0xF, 24 bits of 12 345, one channel.
        Case(
            source: "by hand: a rate without index", hex: "1780181C88", sampleRate: 12_345, channelCount: 1,
            codecString: "mp4a.40.2"),
    ]

    @Test(arguments: cases) func reads(_ example: Case) throws {
        let configuration = try #require(AACConfiguration(hexBytes(example.hex)), "\(example.source)")
        #expect(configuration.objectType == example.objectType)
        #expect(configuration.sampleRate == example.sampleRate)
        #expect(configuration.channelCount == example.channelCount)
        #expect(configuration.extensionSampleRate == example.extensionSampleRate)
        #expect(configuration.outputSampleRate == example.extensionSampleRate ?? example.sampleRate)
        #expect(configuration.frameLength == 1024)
        #expect(MediaFormat.aac(configuration).codecString == example.codecString)
        #expect(configuration.bytes == hexBytes(example.hex))
    }

    /// As the cases by hand above; ADTS tells their core only.
    @Test func highEfficiencyIsSignalled() throws {
        let v1 = AACConfiguration(highEfficiency: 44_100, coreChannelCount: 2, hasParametricStereo: false)
        #expect(v1?.bytes == hexBytes("2B920800"))
        let v2 = AACConfiguration(highEfficiency: 44_100, coreChannelCount: 1, hasParametricStereo: true)
        #expect(v2?.bytes == hexBytes("EB8A0800"))
        #expect(AACConfiguration(highEfficiency: 8000, coreChannelCount: 1, hasParametricStereo: false) == nil)
        let core = try #require(AACConfiguration(lowComplexity: 22_050, channelCount: 2))
        #expect(try core.isCore(of: #require(v1)) && !core.isCore(of: #require(v2)))
        #expect(try MediaFormat.aac(#require(v1)).duration(of: [], clockRate: 44_100) == 2048)
    }

    /// Empty, cut off, a reserved rate, channels that another element tells, ELD (AOT 39), a core coder, and far too long.
    @Test(arguments: ["", "11", "1688", "1180", "F8E62000", "1192", String(repeating: "11", count: 65)])
    func refuses(hex: String) {
        #expect(AACConfiguration(hexBytes(hex)) == nil)
    }

    /// ffmpeg 5.1: `-c:a aac -rtpflags latm` for 48 kHz stereo.
    @Test func readsAStreamMuxConfig() throws {
        let configuration = try #require(LATMConfiguration(hexBytes("400023203fc0")))
        #expect(configuration.audio.sampleRate == 48_000)
        #expect(configuration.audio.channelCount == 2)
        #expect(configuration.audio.bytes == [0x11, 0x90])
        // Another version, two programs, frames of a fixed length, and cut off.
        for hex in ["C00023203fc0", "401023203fc0", "400023207fc0", "400023"] {
            #expect(LATMConfiguration(hexBytes(hex)) == nil, "\(hex)")
        }
    }

    /// GStreamer 1.22, `avenc_aac ! rtspclientsink`, of one channel and by hand of two: what should follow is left out, and the
    /// configuration may end with the word that SBR is not there.
    @Test(arguments: [("40002310adca00", 1, [0x11, 0x88, 0x56, 0xE5, 0, 0]), ("40002320", 2, [0x11, 0x90])])
    func readsAStreamMuxConfigThatEndsEarly(hex: String, channelCount: Int, bytes: [UInt8]) throws {
        let configuration = try #require(LATMConfiguration(hexBytes(hex)))
        #expect(configuration.audio.sampleRate == 48_000 && configuration.audio.extensionSampleRate == nil)
        #expect(configuration.audio.channelCount == channelCount)
        #expect(configuration.audio.bytes == bytes)
    }

    /// ffmpeg 5.1: `-c:a aac -ar 48000 -ac 2 -f adts` begins with FF F1 4C 80 24 FF FC for a frame of 288 bytes.
    @Test func writesTheADTSHeaderOfFFmpeg() throws {
        let configuration = try #require(AACConfiguration([0x11, 0x90]))
        let header = try #require(ADTSHeader(configuration))
        var bytes: [UInt8] = []
        #expect(header.append(frameByteCount: 0x127 - 7, to: &bytes))
        #expect(bytes == hexBytes("fff14c8024fffc"))
        // 13 bits of length.
        #expect(!header.append(frameByteCount: 8185, to: &bytes))
        #expect(header.append(frameByteCount: 8184, to: &bytes))
        // A rate without an index can't be said.
        #expect(ADTSHeader(try #require(AACConfiguration(hexBytes("1780181C88")))) == nil)
    }

    /// Headers as ffmpeg 5.1 writes them (`-f adts`): LC at 44.1 kHz in stereo, of which the second has a CRC.
    @Test func aFrameWithAHeaderIsTakenApart() throws {
        let plain: [UInt8] = [0xFF, 0xF1, 0x50, 0x80, 0x01, 0x3F, 0xFC, 0x21, 0x10]
        let frame = try #require(ADTSFrame(plain[...]))
        #expect(frame.configuration.bytes == [0x12, 0x10])
        #expect(frame.frame == [0x21, 0x10])
        let checked: [UInt8] = [0xFF, 0xF0, 0x50, 0x80, 0x01, 0x7F, 0xFC, 0xAA, 0xBB, 0x21, 0x10]
        #expect(ADTSFrame(checked[...])?.frame == [0x21, 0x10])
        for count in plain.indices { #expect(ADTSFrame(plain[..<count]) == nil) }
        #expect(ADTSFrame([0x21, 0x10, 0, 0, 0, 0, 0, 0, 0]) == nil)
    }

    @Test func lowComplexityIsWhatAStreamIsThatDoesNotSay() {
        #expect(AACConfiguration(lowComplexity: 44_100, channelCount: 2)?.bytes == [0x12, 0x10])
        #expect(AACConfiguration(lowComplexity: 48_000, channelCount: 8)?.channelCount == 8)
        #expect(AACConfiguration(lowComplexity: 44_101, channelCount: 2) == nil)
        #expect(AACConfiguration(lowComplexity: 48_000, channelCount: 7) == nil)
    }
}

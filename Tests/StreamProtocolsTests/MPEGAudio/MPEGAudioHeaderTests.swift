import Testing

@testable import StreamProtocols

@Suite struct MPEGAudioHeaderTests {
    struct Case: Sendable {
        var source: String
        var hex: String
        var format: MPEGAudioFormat
        var frameByteCount: Int
        var samplesPerFrame: Int
    }

    /// The frames' lengths are those of the files, which hold ten frames, eight and nine.
    static let cases = [
        Case(
            source: "ffmpeg 5.1, -c:a libmp3lame -ar 48000 -ac 2 (128 kb/s)", hex: "fffb9464",
            format: .init(version: .mpeg1, layer: 3, sampleRate: 48_000, channelCount: 2), frameByteCount: 384,
            samplesPerFrame: 1152),
        Case(
            source: "ffmpeg 5.1, -c:a libmp3lame -ar 22050 -ac 2 (64 kb/s)", hex: "fff38064",
            format: .init(version: .mpeg2, layer: 3, sampleRate: 22_050, channelCount: 2), frameByteCount: 208,
            samplesPerFrame: 576),
        Case(
            source: "ffmpeg 5.1, -c:a mp2 -ar 48000 -ac 2 (384 kb/s)", hex: "fffde404",
            format: .init(version: .mpeg1, layer: 2, sampleRate: 48_000, channelCount: 2), frameByteCount: 1152,
            samplesPerFrame: 1152),
        // ISO/IEC 11172-3 §2.4.2.3: layer 1, 448 kb/s, 32 kHz, padded by a slot of four bytes, one channel.
        Case(
            source: "by hand: layer 1", hex: "ffffeac0",
            format: .init(version: .mpeg1, layer: 1, sampleRate: 32_000, channelCount: 1), frameByteCount: 676,
            samplesPerFrame: 384),
        Case(
            source: "by hand: MPEG-2.5, 8 kb/s, 8 kHz", hex: "ffe318c4",
            format: .init(version: .mpeg25, layer: 3, sampleRate: 8000, channelCount: 1), frameByteCount: 72,
            samplesPerFrame: 576),
    ]

    @Test(arguments: cases) func reads(_ example: Case) throws {
        let header = try #require(MPEGAudioHeader(hexBytes(example.hex)[...]), "\(example.source)")
        #expect(header.format == example.format)
        #expect(header.frameByteCount == example.frameByteCount)
        #expect(header.format.samplesPerFrame == example.samplesPerFrame)
    }

    /// No sync, a reserved version, layer, bit rate and sample rate, "free format", and cut off.
    @Test(arguments: ["fefb9464", "ffeb9464", "fff99464", "fffbf464", "fffb9c64", "fffb0464", "fffb94", ""])
    func refuses(hex: String) {
        #expect(MPEGAudioHeader(hexBytes(hex)[...]) == nil)
    }
}

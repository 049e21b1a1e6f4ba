import Testing

@testable import StreamProtocols

/// ffmpeg 5.1 decodes each of these, fifty in a row, to zeros and without a complaint.
@Suite struct SilentFrameTests {
    @Test(arguments: [("1408", "00C800802380"), ("1190", "210049900219002380")])
    func aacHasOneForEachNumberOfChannels(configuration: String, frame: String) throws {
        let format = try #require(AACConfiguration(hexBytes(configuration)))
        #expect(MediaFormat.aac(format).silentFrame.map { [UInt8]($0) } == hexBytes(frame))
    }

    /// SBR at 24 and 48 kHz; LC with frames of 960 samples; six channels.
    @Test(arguments: ["2B118800", "1194", "11B0"]) func otherAACHasNone(configuration: String) throws {
        let format = try #require(AACConfiguration(hexBytes(configuration)))
        #expect(MediaFormat.aac(format).silentFrame == nil)
    }

    @Test func opusHasTwentyMilliseconds() throws {
        let frame = try #require(MediaFormat.opus(channelCount: 2).silentFrame)
        #expect(OpusPacket.sampleCount(of: frame) == 960)
    }

    @Test(arguments: [MPEGAudioFormat.Version.mpeg1, .mpeg2, .mpeg25], [1, 2])
    func mp3IsWholeAndSaysWhatItIs(version: MPEGAudioFormat.Version, channelCount: Int) throws {
        for sampleRate in MPEGAudioHeader.sampleRates(version) {
            let format = MPEGAudioFormat(
                version: version, layer: 3, sampleRate: UInt32(sampleRate), channelCount: channelCount)
            let frame = try #require(MediaFormat.mp3(format).silentFrame)
            let header = try #require(MPEGAudioHeader(frame))
            #expect(header.format == format && header.frameByteCount == frame.count)
            // Nothing but zeros behind the header: no bits of sound (ISO/IEC 11172-3 §2.4.1.7).
            #expect(frame.dropFirst(4).allSatisfy { $0 == 0 } && frame.count > 4 + 32 / (version == .mpeg1 ? 1 : 2))
        }
        let layer2 = MPEGAudioFormat(version: version, layer: 2, sampleRate: 48_000, channelCount: channelCount)
        #expect(MediaFormat.mp3(layer2).silentFrame == nil && MediaFormat.mp3(nil).silentFrame == nil)
    }

    @Test func whatNoContainerNeedsHasNone() {
        #expect(MediaFormat.g711(.mu, sampleRate: 8000, channelCount: 1).silentFrame == nil)
        #expect(MediaFormat.h264(nil).silentFrame == nil)
    }
}

import MediaKit
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct DemuxedSoundTests {
    private static func sound(
        _ codec: String, rate: Int = 16_000, channels: Int = 1, extradata: [UInt8] = []
    ) -> DemuxedSound? {
        DemuxedSound(codec: codec, sampleRate: rate, channelCount: channels, extradata: extradata)
    }

    /// AudioSpecificConfig 14 08: AAC-LC, 16 kHz, mono (ISO/IEC 14496-3 §1.6.2.1).
    private static func aac() throws -> MediaFormat { .aac(try #require(AACConfiguration([0x14, 0x08]))) }

    @Test func aFormatIsWhatTheParametersSay() throws {
        #expect(Self.sound("aac", extradata: [0x14, 0x08])?.format == RTPFormat(try Self.aac()))
        #expect(Self.sound("aac")?.format == RTPFormat(try Self.aac()), "as MPEG-TS has it")
        #expect(
            Self.sound("pcm_mulaw", rate: 8000)?.format.media == .g711(.mu, sampleRate: 8000, channelCount: 1))
        #expect(Self.sound("pcm_alaw", channels: 2)?.format.media == .g711(.a, sampleRate: 16_000, channelCount: 2))
        #expect(Self.sound("opus", rate: 48_000, channels: 2)?.format.media == .opus(channelCount: 2))
        #expect(Self.sound("mp3")?.format.media == .mp3(nil))
        #expect(Self.sound("mp3")?.format.clockRate == 90_000, "RFC 3551 §4.5.13")
    }

    @Test(arguments: [
        ("adpcm_g726", 8000, 1), ("opus", 48_000, 6), ("aac", 12_345, 1), ("pcm_mulaw", 0, 1), ("mp3", 1, 0),
    ])
    func whatCanNotBePassedOnIsLeftOut(codec: String, rate: Int, channels: Int) {
        #expect(Self.sound(codec, rate: rate, channels: channels) == nil)
    }

    @Test func framesLoseTheirHeaderAndKeepTheirTime() throws {
        let sound = try #require(Self.sound("aac"))
        func frame(_ bytes: [UInt8]) throws -> SoundFrame? {
            sound.frame(
                of: try EncodedPacket(
                    bytes: bytes, kind: .audio, isKeyframe: true,
                    presentationTime: MediaTime(ticks: 90_000, timeBase: .mpeg)))
        }
        // An ADTS header of AAC-LC, 16 kHz, mono, with two bytes behind it (ISO/IEC 14496-3 §1.A.2.2).
        let framed: [UInt8] = [0xFF, 0xF1, 0x60, 0x40, 0x01, 0x3F, 0xFC, 0x21, 0x17]
        #expect(try frame(framed)?.bytes == [0x21, 0x17])
        #expect(try frame(framed)?.timestamp == 16_000)
        #expect(try frame([0x21, 0x17])?.bytes == [0x21, 0x17])
        // The same in stereo.
        #expect(try frame([0xFF, 0xF1, 0x60, 0x80, 0x01, 0x3F, 0xFC, 0x21, 0x17]) == nil)
        let untimed = try EncodedPacket(bytes: framed, kind: .audio, isKeyframe: true, presentationTime: nil)
        #expect(sound.frame(of: untimed) == nil)
    }
}

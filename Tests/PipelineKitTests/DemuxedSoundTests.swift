import MediaKit
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct DemuxedSoundTests {
    private static func sound(
        _ codec: String, rate: Int = 16_000, channels: Int = 1, extradata: [UInt8] = []
    ) -> DemuxedSound? {
        DemuxedSound(SoundStreamInfo(codec: codec, sampleRate: rate, channelCount: channels, extradata: extradata))
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
        ("pcm_mulaw", 0, 1), ("mp3", 1, 0), ("h264", 8000, 1), ("nonsense", 8000, 1),
    ])
    func whatCanNotBePassedOnIsLeftOut(codec: String, rate: Int, channels: Int) {
        #expect(Self.sound(codec, rate: rate, channels: channels) == nil)
    }

    @Test func framesLoseTheirHeaderAndKeepTheirTime() throws {
        let sound = try #require(Self.sound("aac"))
        func frame(_ bytes: [UInt8]) throws -> SoundFrame? { try sound.frames(of: Self.packet(bytes)).first }
        // An ADTS header of AAC-LC, 16 kHz, mono, with two bytes behind it (ISO/IEC 14496-3 §1.A.2.2).
        let framed: [UInt8] = [0xFF, 0xF1, 0x60, 0x40, 0x01, 0x3F, 0xFC, 0x21, 0x17]
        #expect(try frame(framed)?.bytes == [0x21, 0x17])
        #expect(try frame(framed)?.timestamp == 16_000)
        #expect(try frame([0x21, 0x17])?.bytes == [0x21, 0x17])
        // The same in stereo.
        #expect(try frame([0xFF, 0xF1, 0x60, 0x80, 0x01, 0x3F, 0xFC, 0x21, 0x17]) == nil)
        let untimed = try EncodedPacket(bytes: framed, kind: .audio, isKeyframe: true, presentationTime: nil)
        #expect(try sound.frames(of: untimed) == [])
    }

    @Test func framesOfHighEfficiencyAreOfTheirCore() throws {
        let sound = try #require(
            DemuxedSound(
                SoundStreamInfo(
                    codec: "aac", sampleRate: 32_000, channelCount: 2, highEfficiency: .parametricStereo)))
        // The same frame as above: 16 kHz, mono.
        let framed: [UInt8] = [0xFF, 0xF1, 0x60, 0x40, 0x01, 0x3F, 0xFC, 0x21, 0x17]
        #expect(try sound.frames(of: Self.packet(framed)).first?.bytes == [0x21, 0x17])
        #expect(sound.format.clockRate == 32_000 && sound.format.media.codecString == "mp4a.40.29")
    }

    private static func packet(_ bytes: [UInt8]) throws -> EncodedPacket {
        try EncodedPacket(
            bytes: bytes, kind: .audio, isKeyframe: true, presentationTime: MediaTime(ticks: 90_000, timeBase: .mpeg))
    }

    /// RFC 3551 §4.5.11: 16 bits with a sign, in network byte order, the left channel first.
    @Test func whatRTPHasNoFormatForBecomesPCM() throws {
        let sound = try #require(Self.sound("pcm_s16le", rate: 8000, channels: 2))
        #expect(
            sound.format.media
                == .generic(GenericFormat(kind: .audio, encodingName: "L16", clockRate: 8000, channelCount: 2)))
        // A second and a half whose left channel is 0x1234 and whose right one is silent.
        let sample: [UInt8] = [0x34, 0x12, 0, 0]
        var frames: [SoundFrame] = []
        for part in 0..<3 {
            let packet = try EncodedPacket(
                bytes: Array(repeatElement(sample, count: 4000).joined()), kind: .audio, isKeyframe: true,
                presentationTime: MediaTime(ticks: 500 * Int64(part), timeBase: MediaTimeBase(denominator: 1000)))
            frames += try sound.frames(of: packet)
        }
        let middle = try #require(frames.dropFirst(frames.count / 2).first)
        #expect(middle.bytes.count == 160 * 4, "20 ms")
        let first = [UInt8](middle.bytes.prefix(4))
        #expect(abs(Int(first[0]) * 256 + Int(first[1]) - 0x1234) <= 16 && first[2...] == [0, 0])
        // Nothing is lost or heard twice, but for what the resampler holds back.
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.timestamp + Int64($0.bytes.count) / 4 == $1.timestamp })
        #expect(frames.first.map { abs($0.timestamp) <= 32 } == true)
    }

    @Test(
        arguments: [("adpcm_g726le", 8000, 1, 4), ("pcm_s24be", 48_000, 2, nil), ("aac", 12_345, 1, nil)]
            as [(String, Int, Int, Int?)])
    func whatOnlyLibAVUnderstandsIsPassedOnAsPCM(codec: String, rate: Int, channels: Int, bits: Int?) throws {
        let sound = try #require(
            DemuxedSound(SoundStreamInfo(codec: codec, sampleRate: rate, channelCount: channels, codedBits: bits)))
        guard case .generic(let format) = sound.format.media else {
            Issue.record("\(sound.format)")
            return
        }
        #expect(format.encodingName == "L16" && format.clockRate == UInt32(rate) && format.channelCount == channels)
        #expect(sound.format.media.decoderInfo != nil)
        // A packet of RTP holds a frame, however long what libav reads at once.
        let frames = try sound.frames(of: Self.packet([UInt8](repeating: 0, count: 6000)))
        #expect(frames.allSatisfy { $0.bytes.count <= 1400 })
        #expect(codec == "aac" || frames.count > 2)
    }
}

import Testing

@testable import MediaKit

@Suite struct JPEGEncoderTests {
    @Test func makesAStillThatReadsBack() async throws {
        try await onThread {
            let frame = try DemoSource(width: 640, height: 360).frame(number: 4711)
            let bytes = try JPEGEncoder(quality: 3).encode(frame)
            // SOI and EOI markers, ITU-T T.81 table B.1.
            #expect(bytes.prefix(2) == [0xff, 0xd8])
            #expect(bytes.suffix(2) == [0xff, 0xd9])
            let decoded = try decode(bytes)
            #expect(decoded.width == 640)
            let scaled = try Scaler(width: 640, height: 360).scale(decoded)
            #expect(FrameCounter.read(from: scaled) == 4711)
            #expect(psnr(samples(of: frame, plane: 0), samples(of: scaled, plane: 0)) > 30)
        }
    }

    /// JFIF is full range (ITU-T T.871 §7): black is 0 and white 255, in luma.
    @Test func usesTheFullRange() async throws {
        try await onThread {
            for (luma, expected) in [(UInt8(16), UInt8(0)), (235, 255)] {
                let frame = try Samples.plain(YUVColour(y: luma, u: 128, v: 128), width: 64, height: 64)
                let decoded = try decode(JPEGEncoder(quality: 1).encode(frame))
                #expect(abs(Int(samples(of: decoded, plane: 0)[32][32]) - Int(expected)) <= 1)
            }
        }
    }

    @Test func scalesDownToAWidth() async throws {
        try await onThread {
            let frame = try DemoSource(width: 1280, height: 720).frame(number: 1)
            let decoded = try decode(JPEGEncoder(quality: 5, maximumWidth: 640).encode(frame))
            #expect(decoded.width == 640)
            #expect(decoded.height == 360)
            let large = try JPEGEncoder(quality: 2).encode(frame)
            let small = try JPEGEncoder(quality: 31).encode(frame)
            #expect(small.count < large.count)
        }
    }

    private func decode(_ bytes: [UInt8]) throws -> VideoFrame {
        let decoder = try Decoder(stream: Samples.motionJPEGInfo(width: 64, height: 64))
        let packet = try EncodedPacket(bytes: bytes, isKeyframe: true, presentationTime: nil)
        return try #require(try Samples.decode([packet], with: decoder).first)
    }
}

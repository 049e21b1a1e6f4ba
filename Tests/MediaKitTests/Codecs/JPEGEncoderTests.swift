import CLibAV
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
            #expect(psnr(lumaOfJFIF(frame), samples(of: scaled, plane: 0)) > 30)
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

    /// As a viewer sees it: nothing is squashed, and one field is shown.
    @Test(arguments: [(16, 11, false, 1024, 576), (8, 11, false, 704, 792), (1, 1, true, 704, 576)])
    func keepsTheShape(_ num: Int, _ den: Int, _ isInterlaced: Bool, _ width: Int, _ height: Int) async throws {
        try await onThread {
            let frame = try Samples.plain(YUVColour(y: 90, u: 128, v: 128), width: 704, height: 576) {
                $0.pointee.sample_aspect_ratio = AVRational(num: CInt(num), den: CInt(den))
                $0.pointee.interlaced_frame = isInterlaced ? 1 : 0
            }
            let decoded = try decode(JPEGEncoder().encode(frame))
            #expect(decoded.width == width && decoded.height == height)
        }
    }

    @Test(arguments: [Int.min, -1, 0, 1, Int.max])
    func anyWidthIsTaken(_ width: Int) async throws {
        try await onThread {
            let frame = try DemoSource(width: 320, height: 180).frame(number: 1)
            #expect(try JPEGEncoder(maximumWidth: width).encode(frame).prefix(2) == [0xff, 0xd8])
        }
    }

    /// BT.709 of limited range by way of red, green and blue to BT.601 of full range (ITU-T H.273 §8.3, T.871 §7).
    private func lumaOfJFIF(_ frame: VideoFrame) -> [[UInt8]] {
        let (luma, blue, red) = (
            samples(of: frame, plane: 0), samples(of: frame, plane: 1), samples(of: frame, plane: 2)
        )
        return luma.indices.map { row in
            luma[row].indices.map { column in
                let y = (Double(luma[row][column]) - 16) / 219
                let b = (Double(blue[row / 2][column / 2]) - 128) / 224
                let r = (Double(red[row / 2][column / 2]) - 128) / 224
                let result = 0.299 * (y + 1.5748 * r) + 0.587 * (y - 0.1873 * b - 0.4681 * r) + 0.114 * (y + 1.8556 * b)
                return UInt8(clamping: Int((result * 255).rounded()))
            }
        }
    }

    private func decode(_ bytes: [UInt8]) throws -> VideoFrame {
        let decoder = try Decoder(stream: Samples.motionJPEGInfo(width: 64, height: 64))
        let packet = try EncodedPacket(bytes: bytes, isKeyframe: true, presentationTime: nil)
        return try #require(try Samples.decode([packet], with: decoder).first)
    }
}

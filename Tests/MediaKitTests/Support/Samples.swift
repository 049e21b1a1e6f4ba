import CLibAV
import TestSupport
import Testing

@testable import MediaKit

/// Media made on the spot from the demo picture.
enum Samples {
    /// `count` encoded frames of the demo picture, numbered from `first`.
    static func packets(
        count: Int,
        first: Int = 0,
        settings: EncoderSettings = EncoderSettings(width: 320, height: 240, fps: 25, effort: .fastest)
    ) throws -> [EncodedPacket] {
        let source = try DemoSource(width: settings.width, height: settings.height, framesPerSecond: settings.fps)
        let encoder = try Encoder(settings: settings)
        var packets: [EncodedPacket] = []
        for number in first..<first + count {
            packets += try encoder.encode(
                source.frame(number: number, clock: "12:00:00"),
                presentationTime: source.presentationTime(ofFrame: number))
        }
        return try packets + encoder.finish()
    }

    /// The bitrate in kb/s of ten seconds of noise, or of a still picture, but for the first second, which fills the decoder's buffer.
    static func kilobits(_ settings: EncoderSettings, isNoise: Bool) throws -> Double {
        let encoder = try Encoder(settings: settings)
        let still = try DemoSource(width: settings.width, height: settings.height).frame(number: 0)
        var generator = SeededGenerator(seed: 5)
        var bytes = 0
        for number in 0..<250 {
            let picture = isNoise ? try noise(width: settings.width, height: settings.height, using: &generator) : still
            let packets = try encoder.encode(picture, presentationTime: MediaTime(.milliseconds(40 * number)))
            if number >= 25 { bytes += packets.reduce(0) { $0 + $1.byteCount } }
        }
        return Double(bytes * 8) / 1000 / 9
    }

    static func streamInfo(width: Int = 320, height: Int = 240, fps: Int = 25) throws -> VideoStreamInfo {
        try Encoder(settings: EncoderSettings(width: width, height: height, fps: fps, effort: .fastest))
            .streamInfo
    }

    /// Writes the demo picture into a file.
    static func write(_ path: String, format: Muxer.Format, frames: Int, fps: Int = 25) throws {
        let settings = EncoderSettings(width: 320, height: 240, fps: fps, effort: .fastest)
        let muxer = try Muxer(
            destination: path, format: format, video: try streamInfo(fps: fps))
        for packet in try packets(count: frames, settings: settings) { try muxer.write(packet) }
        try muxer.finish()
    }

    static func motionJPEGInfo(width: Int, height: Int) throws -> VideoStreamInfo {
        var parameters = avcodec_parameters_alloc()
        defer { avcodec_parameters_free(&parameters) }
        let pointer = try #require(parameters)
        pointer.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        pointer.pointee.codec_id = AV_CODEC_ID_MJPEG
        pointer.pointee.width = CInt(width)
        pointer.pointee.height = CInt(height)
        return VideoStreamInfo(
            parameters: try CodecParameters(copying: pointer), frameRate: nil, timeBase: .mpeg, streamIndex: 0)
    }

    static func decode(_ packets: [EncodedPacket], with decoder: Decoder) throws -> [VideoFrame] {
        var frames: [VideoFrame] = []
        for packet in packets {
            try decoder.send(packet)
            frames += try drain(decoder)
        }
        return frames
    }

    static func drain(_ decoder: Decoder) throws -> [VideoFrame] {
        var frames: [VideoFrame] = []
        while case .produced(let frame) = try decoder.receive() { frames.append(frame) }
        return frames
    }

    /// A yuv420p picture of one colour; `tag` may change what the frame says of itself.
    static func plain(
        _ colour: YUVColour,
        width: Int,
        height: Int,
        tag: (UnsafeMutablePointer<AVFrame>) -> Void = { _ in }
    ) throws -> VideoFrame {
        let pool = try FramePool(width: width, height: height)
        let frame = try pool.makeFrame()
        for (index, value) in [colour.y, colour.u, colour.v].enumerated() {
            let (data, stride) = frame.pointee.plane(index)
            let rows = index == 0 ? height : height / 2
            data?.update(repeating: value, count: stride * rows)
        }
        tag(frame)
        return VideoFrame(adopting: frame, presentationTime: nil, captureTime: .now)
    }

    /// An interlaced picture whose fields are each of one grey.
    static func comb(even: UInt8, odd: UInt8, width: Int, height: Int) throws -> VideoFrame {
        try plain(.black, width: width, height: height) { frame in
            let (data, stride) = frame.pointee.plane(0)
            for row in 0..<height { (data! + row * stride).update(repeating: row % 2 == 0 ? even : odd, count: width) }
            frame.pointee.interlaced_frame = 1
        }
    }

    /// Luma that no encoder can predict.
    static func noise(
        width: Int, height: Int, using generator: inout SeededGenerator
    ) throws -> VideoFrame {
        var values = generator
        defer { generator = values }
        return try plain(.black, width: width, height: height) { frame in
            let (data, stride) = frame.pointee.plane(0)
            for row in 0..<height {
                for column in 0..<width { data![row * stride + column] = UInt8.random(in: 60...120, using: &values) }
            }
        }
    }

    /// A red picture of three bytes a sample.
    static func red(width: Int, height: Int) throws -> VideoFrame {
        let frame = try #require(av_frame_alloc())
        frame.pointee.width = CInt(width)
        frame.pointee.height = CInt(height)
        frame.pointee.format = AV_PIX_FMT_RGB24.rawValue
        try #require(av_frame_get_buffer(frame, 0) >= 0)
        let (data, stride) = frame.pointee.plane(0)
        for row in 0..<height {
            for column in 0..<width {
                let sample = try #require(data) + row * stride + column * 3
                (sample[0], sample[1], sample[2]) = (255, 0, 0)
            }
        }
        return VideoFrame(adopting: frame, presentationTime: nil, captureTime: .now)
    }
}

/// The samples of one plane without padding.
func samples(of frame: VideoFrame, plane index: Int) -> [[UInt8]] {
    let width = index == 0 ? frame.width : frame.width / 2
    return frame.withPlane(index) { plane, stride, rows in
        (0..<rows).map { row in
            (0..<width).map { plane.unsafeLoadUnaligned(fromByteOffset: row * stride + $0, as: UInt8.self) }
        }
    }
}

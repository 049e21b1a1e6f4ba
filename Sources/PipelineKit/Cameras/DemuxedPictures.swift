import MediaKit

/// A camera or file that libav reads: demuxed, decoded, and stamped with the time of capture.
final class DemuxedPictures: PictureSource {
    /// Packets that can't be decoded for so long are no picture.
    static let pictureTimeout: Duration = .seconds(10)

    let codec: String
    let frameRate: Double?

    private let url: MediaURL
    private let demuxer: Demuxer
    private let decoder: Decoder
    private let streamIndex: Int
    private var clock = CaptureClock()
    private var lastPicture = MonotonicInstant.now

    init(_ camera: CameraSettings, interrupt: InterruptFlag) throws(MediaError) {
        url = try MediaURL(camera.url)
        demuxer = try Demuxer(url: url, options: camera.demuxerOptions(), interrupt: interrupt)
        let video = try demuxer.requireVideo()
        decoder = try Decoder(stream: video)
        streamIndex = video.streamIndex
        codec = video.codec
        frameRate = video.frameRate
    }

    func nextFrame() throws(MediaError) -> VideoFrame {
        while true {
            switch try decoder.receive() {
            case .produced(let frame):
                lastPicture = .now
                let captured = clock.captureTime(timestamp: frame.presentationTime, arrival: frame.captureTime)
                return frame.retimed(presentationTime: frame.presentationTime, captureTime: captured)
            case .needsInput:
                try feed()
            case .finished:
                throw endOfStream
            }
        }
    }

    private func feed() throws(MediaError) {
        guard lastPicture.duration(to: .now) < Self.pictureTimeout else {
            throw MediaError(
                kind: .invalidData, operation: "decode", subject: url.description,
                reason: "no picture could be decoded for \(Self.pictureTimeout.components.seconds) s")
        }
        guard let packet = try demuxer.read() else { throw endOfStream }
        if packet.streamIndex == streamIndex { try decoder.send(packet) }
    }

    private var endOfStream: MediaError {
        MediaError(kind: .endOfStream, operation: "read", subject: url.description, reason: "the stream ended")
    }
}

import MediaKit
import StreamModel

/// A camera or file: its packets decoded as far as somebody wants frames, and stamped with the time of capture.
final class CodedPictures: PictureSource {
    /// Packets that can't be decoded for so long are no picture.
    static let pictureTimeout: Duration = .seconds(10)

    let codec: String
    let frameRate: Double?

    private let url: MediaURL
    private let source: any PacketSource
    private let video: VideoStreamInfo
    private var decoder: Decoder?
    private var clock = CaptureClock()
    private var observer: PacketObserver?
    private var lastPicture = MonotonicInstant.now
    /// Packets that the decoder gets before anything newer is read.
    private var waiting: [EncodedPacket] = []
    /// While nothing is decoded: where decoding would begin.
    private var group = PictureGroup()
    /// Whether the decoder works through what came before it was wanted; nobody wants to see those frames.
    private var isCatchingUp = false

    init(_ camera: CameraSettings, from sources: PacketSources, interrupt: InterruptFlag) throws(MediaError) {
        url = try MediaURL(camera.url)
        source = try sources.open(camera, options: camera.demuxerOptions(), interrupt: interrupt)
        video = source.video
        codec = video.codec
        frameRate = video.frameRate
    }

    var access: CameraAccess? { source.access }
    var losses: CameraLosses? { source.losses }

    func next(_ needs: CameraNeeds) throws(MediaError) -> CameraOutput {
        while true {
            if needs.frames {
                if let frame = try decoded() { return .frame(frame) }
            } else if decoder != nil {
                stopDecoding()
            }
            guard let packet = try source.read() else { throw endOfStream }
            if decoder == nil { group.append(packet) } else { waiting.append(packet) }
            if needs.packets { return .packet(observed(packet)) }
            observer = nil
        }
    }

    /// The next frame of the packets that are there; nil when another packet is needed.
    private func decoded() throws(MediaError) -> VideoFrame? {
        let decoder = try startDecoding()
        while true {
            switch try decoder.receive() {
            case .produced(let frame):
                lastPicture = .now
                if isCatchingUp, !waiting.isEmpty { continue }
                isCatchingUp = false
                let captured = clock.captureTime(timestamp: frame.presentationTime, arrival: frame.captureTime)
                return frame.retimed(presentationTime: frame.presentationTime, captureTime: captured)
            case .needsInput:
                guard lastPicture.duration(to: .now) < Self.pictureTimeout else {
                    throw MediaError(
                        kind: .invalidData, operation: "decode", subject: url.description,
                        reason: "no picture could be decoded for \(Self.pictureTimeout.components.seconds) s")
                }
                guard !waiting.isEmpty else { return nil }
                try decoder.send(waiting.removeFirst())
            case .finished:
                throw endOfStream
            }
        }
    }

    private func startDecoding() throws(MediaError) -> Decoder {
        if let decoder { return decoder }
        let decoder = try Decoder(stream: video)
        self.decoder = decoder
        lastPicture = .now
        waiting = group.take()
        isCatchingUp = waiting.count > 1
        return decoder
    }

    private func stopDecoding() {
        decoder = nil
        waiting = []
    }

    private func observed(_ packet: EncodedPacket) -> CameraPacket {
        var observer = observer ?? PacketObserver(video)
        defer { self.observer = observer }
        return observer.observe(packet)
    }

    private var endOfStream: MediaError {
        MediaError(kind: .endOfStream, operation: "read", subject: url.description, reason: "the stream ended")
    }
}

/// The packets since the last keyframe, kept so that decoding can begin at any time. Bounded: a group that is too long
/// is given up, and decoding begins at the next keyframe then.
struct PictureGroup: Sendable {
    static let packetLimit = 300
    static let byteLimit = 16 << 20

    private var packets: [EncodedPacket] = []
    private var byteCount = 0

    mutating func append(_ packet: EncodedPacket) {
        if packet.isKeyframe {
            packets = [packet]
            byteCount = packet.byteCount
        } else if !packets.isEmpty {
            packets.append(packet)
            byteCount += packet.byteCount
            if packets.count > Self.packetLimit || byteCount > Self.byteLimit { packets = [] }
        }
    }

    /// Hands out the packets, keyframe first, and is empty then.
    mutating func take() -> [EncodedPacket] {
        defer { packets = [] }
        return packets
    }
}

import MediaKit
import StreamModel
import StreamProtocols

/// Scales, encodes and packetizes the pictures of one rendition. Used by one thread.
///
/// The RTP stream outlives the encoder: sequence numbers and timestamps go on when an encoder is replaced.
final class RenditionEncoder {
    private(set) var encoding: Encoding
    let backend: EncoderBackend
    let framesPerSecond: Int
    let colour: PictureColour

    private let scaler: Scaler
    private let scaledFrames: ScaledFrames
    private let encoder: any PictureEncoder
    private let codec: VideoCodec
    private var headers: ParameterSetKeeper
    /// When the last picture that went in is shown.
    private var lastTimestamp: Int64 = 0
    /// That of pictures that are still in the encoder, by when they are shown.
    private var metadata: [Int64: PictureMetadata] = [:]
    /// The encoder's name as shown to users.
    let name: String

    /// - Parameters:
    ///   - framesPerSecond: how many pictures will come; the rate of `encoding` is the most.
    ///   - colour: what the pictures have.
    ///   - codec: what the path carries.
    ///   - scaledFrames: shared with all renditions that get the same frames.
    init(
        _ encoding: Encoding, _ backend: EncoderBackend, framesPerSecond: Int, colour: PictureColour, codec: VideoCodec,
        from encoders: EncoderDesk, sharing scaledFrames: ScaledFrames
    ) throws(MediaError) {
        self.scaledFrames = scaledFrames
        self.encoding = encoding
        self.backend = backend
        self.framesPerSecond = framesPerSecond
        self.colour = colour
        headers = ParameterSetKeeper(codec: codec)
        scaler = try Scaler(width: encoding.width, height: encoding.height, fit: Scaler.Fit(encoding.video.fit))
        self.codec = codec
        let settings = Self.settings(encoding, framesPerSecond, colour, codec)
        name = settings.codec.encoderName(backend)
        encoder = try encoders.open(settings, backend)
    }

    private static func settings(
        _ encoding: Encoding, _ framesPerSecond: Int, _ colour: PictureColour, _ codec: VideoCodec
    ) -> EncoderSettings {
        var settings = EncoderSettings(encoding, as: codec)
        settings.fps = framesPerSecond
        settings.colour = colour
        return settings
    }

    /// Takes on other rates from the next picture on.
    ///
    /// - Parameter encoding: with the size of this one.
    /// - Returns: false where only another encoder can have them.
    func follow(_ encoding: Encoding, framesPerSecond: Int) -> Bool {
        guard encoder.reconfigure(Self.settings(encoding, framesPerSecond, colour, codec)) else { return false }
        self.encoding = encoding
        return true
    }

    /// - Parameters:
    ///   - timestamp: on the 90 kHz time line.
    ///   - metadata: travels with the picture, whenever it comes out.
    func encode(
        _ frame: VideoFrame, timestamp: Int64, keyframe: Bool, metadata: PictureMetadata?,
        stream: inout PublishedStream
    ) throws(MediaError) -> [PublishedUnit] {
        let scaled = try scaledFrames.scale(frame, by: scaler)
        keep(metadata, until: timestamp)
        let packets = try encoder.encode(
            scaled, presentationTime: MediaTime(ticks: timestamp, timeBase: .mpeg), forceKeyframe: keyframe)
        lastTimestamp = timestamp
        return publish(packets, &stream)
    }

    /// What waits for later pictures, of which there are none any more.
    func finish(stream: inout PublishedStream) throws(MediaError) -> [PublishedUnit] {
        publish(try encoder.finish(), &stream)
    }

    /// Pictures that wait in an encoder at most: none of ours looks further ahead.
    private static let waitingPictures = 64

    private func keep(_ metadata: PictureMetadata?, until timestamp: Int64) {
        guard let metadata else { return }
        // What is that old belongs to pictures that the encoder has left out.
        if self.metadata.count >= Self.waitingPictures { self.metadata = [:] }
        self.metadata[timestamp] = metadata
    }

    private func publish(_ packets: [EncodedPacket], _ stream: inout PublishedStream) -> [PublishedUnit] {
        var units: [PublishedUnit] = []
        for packet in packets {
            // With B-frames, and by hardware, it is an earlier picture's.
            let timestamp = packet.presentationTime?.ticks ?? lastTimestamp
            guard let nalUnits = headers.complete(AnnexB.split(packet.bytes), isKeyframe: packet.isKeyframe)
            else { continue }
            units.append(
                stream.picture(
                    Sample(
                        nalUnits: nalUnits, presentationTime: timestamp, isRandomAccess: packet.isKeyframe),
                    metadata: metadata.removeValue(forKey: timestamp), decodeTime: packet.decodeTime?.ticks))
        }
        return units
    }
}

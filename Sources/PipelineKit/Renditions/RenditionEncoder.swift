import MediaKit
import StreamModel
import StreamProtocols

/// Scales, encodes and packetizes the pictures of one rendition. Used by one thread.
///
/// The RTP stream outlives the encoder: sequence numbers and timestamps go on when an encoder is replaced.
final class RenditionEncoder {
    /// The encoder's name as shown to users.
    static let codec = "libx264"

    private let scaler: Scaler
    private let encoder: Encoder

    init(_ encoding: Encoding) throws(MediaError) {
        scaler = try Scaler(
            width: encoding.width, height: encoding.height, mode: encoding.resizeMode == .none ? .none : .contain)
        encoder = try Encoder(settings: H264EncoderSettings(encoding))
    }

    /// - Parameters:
    ///   - timestamp: on the 90 kHz time line.
    ///   - instant: what the timestamp stands for.
    func encode(
        _ frame: VideoFrame, timestamp: Int64, at instant: MonotonicInstant, keyframe: Bool,
        packetizer: inout any RTPPacketizer
    ) throws(MediaError) -> [PublishedUnit] {
        let scaled = try scaler.scale(frame)
        let packets = try encoder.encode(
            scaled, presentationTime: MediaTime(ticks: timestamp, timeBase: .mpeg), forceKeyframe: keyframe)
        var units: [PublishedUnit] = []
        for packet in packets {
            let nalUnits = AnnexB.split(packet.bytes)
            guard !nalUnits.isEmpty else { continue }
            units.append(
                PublishedUnit(
                    AccessUnit(
                        nalUnits: nalUnits, timestamp: packet.presentationTime?.ticks ?? timestamp,
                        isRandomAccess: packet.isKeyframe),
                    captureTime: instant, packetizer: &packetizer))
        }
        return units
    }
}

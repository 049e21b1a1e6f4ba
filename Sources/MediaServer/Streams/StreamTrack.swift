import NIOCore
import StreamProtocols

/// One track of a stream: takes the publisher's packets apart, and makes those that viewers get, whose SSRCs and sequence
/// numbers go on when the publisher changes.
final class StreamTrack {
    let index: Int
    /// As viewers are told of it.
    private(set) var format: RTPFormat

    private var depacketizer: any RTPDepacketizer
    private let rtsp: TrackPackets
    private let webRTC: TrackPackets

    /// Of the publisher's packets; nil before the first.
    private(set) var publisherSSRC: UInt32?

    init(index: Int, format: RTPFormat, maximumPayloadSize: Int, allocator: ByteBufferAllocator) {
        self.index = index
        self.format = format.served
        depacketizer = format.makeDepacketizer()
        rtsp = TrackPackets(
            track: index, format: format, profile: .rtsp, payloadSize: maximumPayloadSize, allocator: allocator)
        webRTC = TrackPackets(
            track: index, format: format, profile: .webRTC, payloadSize: RTPPayloadSize.webRTC, allocator: allocator)
    }

    /// What viewers of a profile get of it.
    func packets(for profile: PacketProfile) -> TrackPackets {
        switch profile {
        case .rtsp: rtsp
        case .webRTC: webRTC
        }
    }

    /// Packets of the publisher that never came.
    var lostPacketCount: UInt64 { depacketizer.lostPacketCount }

    /// Whether viewers can go on with a publisher of another format.
    func accepts(_ other: RTPFormat) -> Bool {
        format.media.isCompatible(with: other.media) && format.clockRate == other.clockRate
    }

    /// Goes on with another publisher, whose format is accepted.
    func publisherChanged(format newFormat: RTPFormat) {
        // Viewers know the payload type; only the parameter sets are news.
        if !newFormat.media.parameterSets.isEmpty { format.media = newFormat.media }
        depacketizer = newFormat.makeDepacketizer()
        publisherSSRC = nil
    }

    /// Takes one RTP packet of the publisher.
    ///
    /// - Returns: the samples that it completes, with the publisher's times.
    /// - Throws: what is wrong with the packet; the track goes on with the next one.
    func receive(_ packet: RTPPacket) throws(RTPPayloadError) -> [Sample] {
        publisherSSRC = packet.ssrc
        return try depacketizer.depacketize(packet).map { sample in
            var sample = sample
            format.media.complete(&sample)
            return sample
        }
    }
}

import MediaKit
import Synchronization

/// Whatever hands out the coded pictures of a camera. Used by one thread; reading blocks.
protocol PacketSource {
    var video: VideoStreamInfo { get }

    /// The next coded picture; nil at the end of the source.
    func read() throws(MediaError) -> EncodedPacket?
}

/// The pictures of whatever libav opens.
struct DemuxedPackets: PacketSource {
    let video: VideoStreamInfo
    private let demuxer: Demuxer

    init(url: MediaURL, options: DemuxerOptions, interrupt: InterruptFlag) throws(MediaError) {
        demuxer = try Demuxer(url: url, options: options, interrupt: interrupt)
        video = try demuxer.requireVideo()
    }

    func read() throws(MediaError) -> EncodedPacket? {
        while let packet = try demuxer.read() {
            if packet.streamIndex == video.streamIndex { return packet }
        }
        return nil
    }
}

/// Chooses who reads a camera: our own client, or libav what that can't.
final class PacketSources: Sendable {
    /// What our client began to read, and could not go on with.
    private let unreadable = Mutex<Set<MediaURL>>([])

    func open(_ url: MediaURL, options: DemuxerOptions, interrupt: InterruptFlag) throws(MediaError) -> any PacketSource
    {
        if RTSPPackets.canRead(url, transport: options.transport), !unreadable.withLock({ $0.contains(url) }) {
            do throws(MediaError) {
                return try RTSPPackets(url: url, options: options, interrupt: interrupt) { [self] in
                    _ = unreadable.withLock { $0.insert(url) }
                }
            } catch  where error.kind == .unsupported {
                // libav knows more codecs, and UDP; what it says of a camera that it can't read either is what counts.
            }
        }
        return try DemuxedPackets(url: url, options: options, interrupt: interrupt)
    }
}

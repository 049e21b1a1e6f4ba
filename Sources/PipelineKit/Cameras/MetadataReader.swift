import MediaKit
import StreamModel
import StreamProtocols

/// Reads a stream as a camera is read, and hands out the metadata of its pictures. Blocks: use it on a thread of its own.
public struct MetadataReader: Sendable {
    private let source: CameraSettings

    /// - Parameter url: RTSP, HTTP or a file, as of a camera.
    /// - Throws: ``ValidationError`` for an address that is none.
    public init(url: String) throws(ValidationError) {
        source = CameraSettings(try Camera(json: ["name": "metadata", "url": .string(url)]))
    }

    /// Returns when the stream ends.
    ///
    /// - Parameter take: gets what a picture carries, and when it is shown: seconds after the first picture that was read.
    /// - Throws: `MediaError` when the stream can't be read, or not any more; what `take` throws.
    public func read(_ take: (_ seconds: Double, _ metadata: PictureMetadata) throws -> Void) throws {
        // Who runs this may read these files anyway.
        let sources = PacketSources(mediaRoots: MediaRoots(["/"]))
        let packets = try sources.open(
            source, options: source.demuxerOptions(realTime: false), interrupt: InterruptFlag())
        var observer = PacketObserver(packets.video)
        var first: Double?
        while let sample = try packets.read() {
            guard case .picture(let packet) = sample else { continue }
            let time = packet.presentationTime?.seconds ?? first ?? 0
            let start = first ?? time
            first = start
            if let metadata = observer.observe(packet).metadata { try take(time - start, metadata) }
        }
    }
}

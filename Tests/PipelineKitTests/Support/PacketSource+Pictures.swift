import MediaKit

@testable import PipelineKit

extension PacketSource {
    /// The next picture, whatever comes before it; nil at the end of the source.
    func readPicture() throws(MediaError) -> EncodedPacket? {
        while let sample = try read() {
            if case .picture(let packet) = sample { return packet }
        }
        return nil
    }
}

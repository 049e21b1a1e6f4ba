import MediaKit
import Synchronization

/// Decodes a camera's pictures on a thread of its own, so that a slow computer never leaves anything lying where it comes
/// in: what can't be decoded in time is left out, and the delay stays.
final class PictureDecoding: Sendable {
    /// Packets that can't be decoded for so long are no picture.
    static let pictureTimeout: Duration = .seconds(10)

    /// Ends when decoding has been stopped, or has failed.
    let thread: DedicatedThread
    private let queue = DecodeQueue()
    private let outcome = Outcome()

    private final class Outcome: Sendable { let failure = Mutex<MediaError?>(nil) }

    /// Starts at once.
    ///
    /// - Parameters:
    ///   - subject: what the camera is called in errors.
    ///   - group: where decoding begins; nobody sees more than its last picture.
    ///   - showsDamage: see `Decoder`.
    ///   - predecessor: what decoded until now; waited for, so that pictures keep their order.
    ///   - deliver: takes the pictures, on the thread that decodes.
    init(
        _ video: VideoStreamInfo, of subject: String,
        from group: [(packet: EncodedPacket, captureTime: MonotonicInstant)], showsDamage: Bool = false,
        after predecessor: DedicatedThread? = nil, deliver: @escaping @Sendable (VideoFrame) -> Void
    ) {
        queue.begin(with: group)
        thread = DedicatedThread(name: "decode", niceness: MediaNiceness.decoding) { [queue, outcome] in
            predecessor?.join()
            do throws(MediaError) {
                try Self.decode(video, of: subject, from: queue, showsDamage: showsDamage, deliver: deliver)
            } catch {
                outcome.failure.withLock { $0 = error }
            }
        }
    }

    /// Why no picture comes any more; nil while all is well.
    var failure: MediaError? { outcome.failure.withLock { $0 } }

    /// Since when the decoder has been busy with one picture; nil while it waits for the next.
    var busySince: MonotonicInstant? { queue.busySince }

    /// Takes the next picture; never blocks.
    ///
    /// - Returns: how many pictures were left out because decoding takes too long.
    func push(_ packet: EncodedPacket, capturedAt captureTime: MonotonicInstant) -> Int {
        queue.push(packet, capturedAt: captureTime)
    }

    /// Returns at once; ``thread`` ends with the picture that it is at. Idempotent.
    func stop() { queue.close() }

    private static func decode(
        _ video: VideoStreamInfo, of subject: String, from queue: DecodeQueue, showsDamage: Bool,
        deliver: (VideoFrame) -> Void
    ) throws(MediaError) {
        let decoder = try Decoder(stream: video, showsDamage: showsDamage)
        var lastPicture = MonotonicInstant.now
        while let element = queue.next() {
            if element.followsGap { decoder.flush() }
            try decoder.send(element.packet, capturedAt: element.captureTime)
            while case .produced(let frame) = try decoder.receive() {
                lastPicture = .now
                if element.isCurrent { deliver(frame) }
            }
            guard lastPicture.duration(to: .now) < pictureTimeout else {
                throw MediaError(
                    kind: .invalidData, operation: "decode", subject: subject,
                    reason: "no picture could be decoded for \(pictureTimeout.components.seconds) s")
            }
        }
    }
}

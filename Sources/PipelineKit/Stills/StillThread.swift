import Foundation
import MediaKit
import StreamModel

/// Takes one picture of what a transmission shows.
///
/// It asks the transmission for frames as a rendition does. A camera whose coded pictures are only passed on is therefore
/// decoded from its last keyframe, until the picture is there and no longer.
struct StillThread: Sendable {
    /// How long a live picture is waited for before the placeholder is taken.
    static let patience: Duration = .seconds(4)
    /// Pictures that one worker takes at the same time.
    static let limit = 16

    let thread: DedicatedThread
    private let queue: BoundedQueue<VideoFrame>

    /// Starts at once.
    ///
    /// - Parameter encoding: the placeholder's size and whether it has a text.
    init(
        _ requestID: String, of transmission: TransmissionState, maximumWidth: Int, placeholder encoding: Encoding,
        patience: Duration, events: @escaping EventSink
    ) {
        let queue = BoundedQueue<VideoFrame>(capacity: 1)
        self.queue = queue
        thread = DedicatedThread(name: "still") {
            let result = Self.take(
                of: transmission, named: "still \(requestID)", by: queue, maximumWidth: maximumWidth,
                placeholder: encoding, deadline: .now + patience)
            events(.stillTaken(requestID: requestID, result))
        }
    }

    /// Returns at once; ``thread`` ends soon after.
    func stop() { queue.close() }

    private static func take(
        of transmission: TransmissionState, named name: String, by queue: BoundedQueue<VideoFrame>, maximumWidth: Int,
        placeholder encoding: Encoding, deadline: MonotonicInstant
    ) -> StillResult {
        transmission.attach(name, queue: queue)
        let step = queue.wait(until: deadline)
        // Before the picture is compressed: decoding ends when no more frames are wanted.
        transmission.detach(name, queue: queue)
        do throws(MediaError) {
            let encoder = JPEGEncoder(maximumWidth: maximumWidth)
            switch step {
            case .element(let frame):
                return StillResult(jpeg: Data(try encoder.encode(frame)), isLive: true)
            case .timedOut:
                var placeholder = PlaceholderPicture(
                    width: encoding.width, height: encoding.height, showsText: encoding.placeholderText)
                let frame = try placeholder.frame(transmission.presentation(), at: .now)
                return StillResult(jpeg: Data(try encoder.encode(frame)), isLive: false)
            case .closed:
                return StillResult(failure: "The worker ends.")
            }
        } catch {
            return StillResult(failure: "The picture could not be compressed: \(error.reason).")
        }
    }
}

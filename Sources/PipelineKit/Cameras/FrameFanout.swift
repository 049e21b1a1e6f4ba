import MediaKit
import Synchronization

/// Hands a camera's frames to everything that runs on them; one camera is read and decoded once, whatever their number.
final class FrameFanout: Sendable {
    typealias Receiver = @Sendable (VideoFrame) -> Void

    private let receivers = Mutex<[Receiver]>([])

    /// Replaces the receivers. A frame that is being handed out may still reach the old ones.
    func set(_ receivers: [Receiver]) {
        self.receivers.withLock { $0 = receivers }
    }

    func deliver(_ frame: VideoFrame) {
        for receive in receivers.withLock({ $0 }) { receive(frame) }
    }
}

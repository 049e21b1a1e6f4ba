import MediaKit
import Synchronization

/// Hands a camera's frames and its sound to everything that runs on them; one camera is read and decoded once, whatever their number.
final class FrameFanout: Sendable {
    /// A pipeline that begins at the camera.
    struct Consumer: Sendable {
        /// Whether it has to see decoded frames now.
        var wantsFrames: @Sendable () -> Bool = { true }
        /// Takes coded pictures; nil when it has no use for them.
        var copy: (@Sendable (CameraPacket) -> Void)?
        /// Takes frames of sound.
        var hear: (@Sendable (CameraSound) -> Void)?
        var receive: @Sendable (VideoFrame) -> Void
    }

    private let consumers = Mutex<[Consumer]>([])

    /// Replaces the consumers. A frame that is being handed out may still reach the old ones.
    func set(_ consumers: [Consumer]) {
        self.consumers.withLock { $0 = consumers }
    }

    var needs: CameraNeeds {
        let consumers = consumers.withLock { $0 }
        return CameraNeeds(
            frames: consumers.contains { $0.wantsFrames() }, packets: consumers.contains { $0.copy != nil })
    }

    func deliver(_ frame: VideoFrame) {
        for consumer in consumers.withLock({ $0 }) { consumer.receive(frame) }
    }

    func deliver(_ packet: CameraPacket) {
        for consumer in consumers.withLock({ $0 }) { consumer.copy?(packet) }
    }

    func deliver(_ sound: CameraSound) {
        for consumer in consumers.withLock({ $0 }) { consumer.hear?(sound) }
    }
}

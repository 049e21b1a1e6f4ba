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
        /// Takes sound, and word of what it is.
        var hear: (@Sendable (SoundSignal) -> Void)?
        var receive: @Sendable (VideoFrame) -> Void
    }

    private struct State {
        var consumers: [Consumer] = []
        var sound = KnownSound.unknown
    }

    private let state = Mutex(State())

    private var consumers: [Consumer] { state.withLock(\.consumers) }

    /// Replaces the consumers. A frame that is being handed out may still reach the old ones.
    func set(_ consumers: [Consumer]) {
        let sound = state.withLock { state in
            state.consumers = consumers
            return state.sound
        }
        guard sound != .unknown else { return }
        for consumer in consumers { consumer.hear?(.known(sound)) }
    }

    /// The camera has been opened, and has this sound.
    func opened(with sound: KnownSound) {
        let consumers = state.withLock { state in
            state.sound = sound
            return state.consumers
        }
        for consumer in consumers { consumer.hear?(.known(sound)) }
    }

    var needs: CameraNeeds {
        let consumers = consumers
        return CameraNeeds(
            frames: consumers.contains { $0.wantsFrames() }, packets: consumers.contains { $0.copy != nil })
    }

    func deliver(_ frame: VideoFrame) {
        for consumer in consumers { consumer.receive(frame) }
    }

    func deliver(_ packet: CameraPacket) {
        for consumer in consumers { consumer.copy?(packet) }
    }

    func deliver(_ sound: CameraSound) {
        for consumer in consumers { consumer.hear?(.frame(sound)) }
    }
}

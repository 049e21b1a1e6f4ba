import MediaKit
import StreamModel

/// `core.fps_reducer`: passes at most so many frames a second, picked by deadline.
struct FPSReducer: Operator {
    private var limiter: FrameRateLimiter

    init(config: FPSReducerConfig) {
        let range = FPSReducerConfig.range
        limiter = FrameRateLimiter(
            framesPerSecond: min(max(config.targetFPS, range.lowerBound), range.upperBound))
    }

    mutating func process(_ packet: Packet, emit: (Packet) -> Void) {
        if limiter.admit(packet.frame.captureTime) { emit(packet) }
    }
}

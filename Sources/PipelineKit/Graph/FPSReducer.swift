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

    mutating func process(_ frame: VideoFrame, emit: (VideoFrame) -> Void) {
        if limiter.admit(frame.captureTime) { emit(frame) }
    }
}

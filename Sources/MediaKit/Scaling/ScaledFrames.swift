/// Lets several users of the same pictures share the work of scaling: each picture is brought to a size once, by whoever
/// comes first, and the others get the very same frame.
///
/// Making smaller sizes from the next larger one instead of from the source is not worth it (`Benchmarks/scaling.py`): it
/// saves 0.6 ms a picture, for pictures that are filtered twice and users that wait for each other.
public final class ScaledFrames: Sendable {
    /// How long somebody waits for another who has begun: a picture that takes longer is scaled twice, because nobody
    /// is to be held up by a thread that does not get on.
    static let patience: Duration = .milliseconds(20)

    struct Size: Hashable {
        let width: Int
        let height: Int
        let fit: Scaler.Fit
    }

    private enum Slot {
        case running(source: VideoFrame)
        case done(source: VideoFrame, scaled: VideoFrame)
        case failed

        func isFor(_ frame: VideoFrame) -> Bool {
            switch self {
            case .running(let source), .done(let source, _): source === frame
            case .failed: false
            }
        }
    }

    private let condition = MonotonicCondition()
    // Read and written only inside `condition.withLock`.
    private nonisolated(unsafe) var slots: [Size: Slot] = [:]

    public init() {}

    /// The picture in the size of `scaler`, which the caller alone uses. Blocks for as long as scaling takes and 20 ms at
    /// most.
    public func scale(_ frame: VideoFrame, by scaler: Scaler) throws(MediaError) -> VideoFrame {
        let size = Size(width: scaler.width, height: scaler.height, fit: scaler.fit)
        return try share(frame, size) { () throws(MediaError) in try scaler.scale(frame) }
    }

    /// Runs `make` if the picture has not been scaled yet.
    func share(
        _ frame: VideoFrame, _ size: Size, make: () throws(MediaError) -> VideoFrame
    ) throws(MediaError) -> VideoFrame {
        if let scaled = claim(frame, size) { return scaled }
        do throws(MediaError) {
            let scaled = try make()
            settle(frame, size, .done(source: frame, scaled: scaled))
            return scaled
        } catch {
            settle(frame, size, .failed)
            throw error
        }
    }

    /// Forgets all pictures.
    public func removeAll() {
        condition.withLock { unsafe slots = [:] }
    }

    /// The scaled picture, or nil when the caller has to make it.
    private func claim(_ frame: VideoFrame, _ size: Size) -> VideoFrame? {
        let deadline = MonotonicInstant.now + Self.patience
        return condition.withLock {
            while case .running(let source)? = unsafe slots[size], source === frame {
                if !condition.wait(until: deadline) { return nil }
            }
            if case .done(let source, let scaled)? = unsafe slots[size], source === frame { return scaled }
            unsafe slots[size] = .running(source: frame)
            return nil
        }
    }

    /// A newer picture that somebody has begun with stays.
    private func settle(_ frame: VideoFrame, _ size: Size, _ slot: Slot) {
        condition.withLock {
            if unsafe slots[size]?.isFor(frame) == true { unsafe slots[size] = slot }
        }
        condition.broadcast()
    }
}

import StreamProtocols

/// Which pictures a viewer on a bad line gets: as many as the line carries, none of them late. A value without a clock.
///
/// It counts what should still be on its way if the line carries what is believed. Pictures that no other refers to go first; when
/// that is not enough, everything up to the next keyframe that the line is free for.
struct PictureChoice: Equatable {
    /// So long may be on its way already when another picture is sent.
    static let disposableLimit: Duration = .milliseconds(250)
    static let limit: Duration = .milliseconds(600)
    /// A keyframe is many pictures' worth: it begins with a line that is nearly free.
    static let keyframeLimit: Duration = .milliseconds(200)

    enum Decision: Equatable {
        case send
        /// Only this one.
        case leaveOut
        /// This one, and all that follow before a keyframe.
        case skip
    }

    enum Kind: Equatable {
        case keyframe
        /// Others refer to it.
        case reference
        case disposable
    }

    /// Bits on their way.
    private var pending: Double = 0
    private var countedAt: Duration?

    /// Whether a picture is sent.
    ///
    /// - Parameters:
    ///   - kind: asked for only where it matters.
    ///   - capacity: bits per second; nil where the line carries everything.
    mutating func decide(_ kind: @autoclosure () -> Kind, capacity: Double?, at now: Duration) -> Decision {
        guard let capacity else {
            pending = 0
            countedAt = nil
            return .send
        }
        drain(capacity, at: now)
        let waiting = Duration.seconds(pending / capacity)
        guard waiting >= Self.keyframeLimit else { return .send }
        return switch kind() {
        case .keyframe: .skip
        case .disposable: waiting < Self.disposableLimit ? .send : .leaveOut
        case .reference: waiting < Self.limit ? .send : .skip
        }
    }

    /// Something was sent, a picture or not.
    mutating func sent(byteCount: Int) {
        guard countedAt != nil else { return }
        pending += Double(8 * byteCount)
    }

    /// The line was found to carry less, and so much waits before it.
    mutating func queueFound(_ queue: Duration, capacity: Double, at now: Duration) {
        pending = max(0, queue / .seconds(1)) * capacity
        countedAt = now
    }

    private mutating func drain(_ capacity: Double, at now: Duration) {
        if let countedAt { pending = max(0, pending - capacity * max(0, (now - countedAt) / .seconds(1))) }
        countedAt = now
    }
}

extension PictureChoice.Kind {
    init(_ unit: StreamUnit) {
        self = unit.isKeyframe ? .keyframe : unit.sample.isDisposable(in: unit.media) ? .disposable : .reference
    }
}

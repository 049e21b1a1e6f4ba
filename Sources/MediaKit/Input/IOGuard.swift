internal import CLibAV
internal import Synchronization

/// Decides, whenever libav asks during blocking I/O, whether to go on: not when interrupted, not after the deadline.
final class IOGuard: Sendable {
    /// Nanoseconds since ``epoch``; a deadline is set by the owner and read by libav, also on threads of its own.
    private let deadline = Atomic<Int64>(.max)
    private let ignoresInterrupt = Atomic<Bool>(false)
    private let flag: InterruptFlag
    private static let epoch = MonotonicInstant.now

    init(flag: InterruptFlag) {
        self.flag = flag
    }

    /// Starts the clock of one operation.
    func begin(timeout: Duration) {
        let end = IOGuard.epoch.duration(to: .now) + timeout
        deadline.store(end.wholeNanoseconds, ordering: .relaxed)
    }

    /// A goodbye (RTSP TEARDOWN) may still be sent after an interrupt or a timeout, within `timeout`.
    func beginClosing(timeout: Duration) {
        ignoresInterrupt.store(true, ordering: .relaxed)
        begin(timeout: timeout)
    }

    var isExpired: Bool {
        IOGuard.epoch.duration(to: .now).wholeNanoseconds >= deadline.load(ordering: .relaxed)
    }

    var deadlineInstant: MonotonicInstant {
        IOGuard.epoch + .nanoseconds(deadline.load(ordering: .relaxed))
    }

    var mustStop: Bool {
        (flag.isInterrupted && !ignoresInterrupt.load(ordering: .relaxed)) || isExpired
    }

    /// libav keeps an unretained pointer: the owner of the libav object holds this guard until it has freed that object.
    var callback: AVIOInterruptCB {
        unsafe AVIOInterruptCB(
            callback: { opaque in
                guard let opaque = unsafe opaque else { return 0 }
                return unsafe Unmanaged<IOGuard>.fromOpaque(opaque).takeUnretainedValue().mustStop ? 1 : 0
            },
            opaque: unsafe Unmanaged.passUnretained(self).toOpaque()
        )
    }

    /// The error behind `code`: libav reports a stop that we asked for by various codes.
    func error(_ code: CInt, operation: String, subject: String) -> MediaError {
        // libav repeats the code of a stop on later calls, when a new deadline runs already.
        guard !flag.isInterrupted, !isExpired, code != toposync_av_error_exit else {
            return .stopped(flag, operation: operation, subject: subject)
        }
        return MediaError(libav: code, operation: operation, subject: subject)
    }
}

extension MediaError {
    /// An operation did not end by itself: it was interrupted, or else had no more time.
    static func stopped(_ flag: InterruptFlag, operation: String, subject: String) -> MediaError {
        flag.isInterrupted
            ? MediaError(
                kind: .interrupted, operation: operation, subject: subject, reason: "interrupted",
                code: toposync_av_error_exit)
            : MediaError(
                kind: .timedOut, operation: operation, subject: subject, reason: "no answer in time",
                code: toposync_av_error(ETIMEDOUT))
    }
}

internal import CLibAV
internal import Glibc
internal import Synchronization

/// A thread of its own for blocking media work, which must never run on Swift's cooperative pool.
public final class DedicatedThread: Sendable {
    private final class Body: Sendable {
        let name: String
        let niceness: CInt
        let work: @Sendable () -> Void
        let finished: OneShotSignal

        init(
            name: String, niceness: CInt, work: @escaping @Sendable () -> Void, finished: OneShotSignal
        ) {
            self.name = name
            self.niceness = niceness
            self.work = work
            self.finished = finished
        }
    }

    public let name: String
    private let handle: Mutex<pthread_t?>
    private let finished = OneShotSignal()

    /// Starts at once.
    ///
    /// - Parameters:
    ///   - name: shows in `top -H` and in debuggers, cut to the 15 bytes that Linux keeps.
    ///   - niceness: how far it steps back for other threads when there is not enough for all of them, 0…19.
    public init(name: String, niceness: Int = 0, _ work: @escaping @Sendable () -> Void) {
        self.name = name
        let body = unsafe Unmanaged.passRetained(
            Body(name: name, niceness: CInt(clamping: niceness), work: work, finished: finished))
        var thread = pthread_t()
        let status = unsafe pthread_create(&thread, nil, DedicatedThread.main, body.toOpaque())
        precondition(status == 0, "The system refused a thread (error \(status)); raise the process limit.")
        handle = Mutex(thread)
    }

    deinit {
        if let thread = handle.withLock({ $0.take() }) { pthread_detach(thread) }
    }

    /// Waits until the work has returned. Blocks the caller; a task awaits ``completion()`` instead. Idempotent.
    public func join() {
        finished.wait()
        if let thread = handle.withLock({ $0.take() }) { pthread_join(thread, nil) }
    }

    /// Returns when the work has returned, without blocking a thread.
    public func completion() async {
        await finished.completion()
    }

    public var isFinished: Bool { finished.isRaised }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument = unsafe argument else { return nil }
        let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        unsafe toposync_name_this_thread(body.name)
        // On Linux each thread has a niceness of its own, and 0 names the calling one.
        if body.niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, body.niceness) }
        body.work()
        body.finished.raise()
        return nil
    }
}

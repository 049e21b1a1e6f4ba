internal import Glibc

/// A mutex and a condition variable whose deadlines are measured on the monotonic clock.
///
/// The standard library has no condition variable, and Foundation's counts wall time, which jumps.
@safe final class MonotonicCondition: Sendable {
    // Allocated once in init, freed in deinit, and only ever handed to pthread functions, which synchronise by themselves.
    private nonisolated(unsafe) let mutex: UnsafeMutablePointer<pthread_mutex_t>
    // As above.
    private nonisolated(unsafe) let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func withLock<R>(_ body: () -> R) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    func signal() { unsafe pthread_cond_signal(condition) }

    func broadcast() { unsafe pthread_cond_broadcast(condition) }

    /// Call inside ``withLock(_:)``, in a loop that tests what is waited for.
    func wait() { unsafe pthread_cond_wait(condition, mutex) }

    /// Call inside ``withLock(_:)``, in a loop. False means that the deadline has passed.
    func wait(until deadline: MonotonicInstant) -> Bool {
        let remaining = ContinuousClock.now.duration(to: deadline).wholeNanoseconds
        guard remaining > 0 else { return false }
        // A day bounds the sum below; the caller's loop waits again.
        let nanoseconds = min(remaining, 86_400_000_000_000)
        var timeout = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &timeout)
        let total = Int64(timeout.tv_nsec) + nanoseconds
        timeout.tv_sec += Int(total / 1_000_000_000)
        timeout.tv_nsec = Int(total % 1_000_000_000)
        unsafe pthread_cond_timedwait(condition, mutex, &timeout)
        return ContinuousClock.now < deadline
    }
}

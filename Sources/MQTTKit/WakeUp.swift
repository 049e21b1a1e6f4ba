internal import CMosquitto
internal import Glibc

/// Wakes a thread that waits for a socket.
final class WakeUp: Sendable {
    private let descriptor: CInt

    /// Nil when the system has no descriptor left.
    init?() {
        descriptor = toposync_wake_open()
        guard descriptor >= 0 else { return nil }
    }

    deinit { toposync_wake_close(descriptor) }

    func raise() { toposync_wake_raise(descriptor) }

    /// Waits until it is raised, or the socket is ready.
    ///
    /// - Parameter socket: nil when there is none.
    /// - Returns: what the socket is ready for.
    func wait(for socket: (descriptor: CInt, writes: Bool)?, atMost limit: Duration) -> (read: Bool, write: Bool) {
        var waited = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: socket?.descriptor ?? -1,
                events: Int16(POLLIN) | (socket?.writes == true ? Int16(POLLOUT) : 0), revents: 0),
        ]
        let (seconds, attoseconds) = limit.components
        let milliseconds = max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        guard unsafe poll(&waited, nfds_t(waited.count), CInt(clamping: milliseconds)) > 0 else {
            return (false, false)
        }
        if waited[0].revents != 0 { toposync_wake_clear(descriptor) }
        let happened = CInt(waited[1].revents)
        return (happened & (POLLIN | POLLHUP | POLLERR) != 0, happened & POLLOUT != 0)
    }
}

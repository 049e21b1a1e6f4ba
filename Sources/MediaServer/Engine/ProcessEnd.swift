import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The end of a process that need not be a child of this one.
public enum ProcessEnd {
    /// Calls `action` once the process is gone, however it ended; for as long as this process lives.
    ///
    /// - Returns: false when there is no such process, or the system (Linux before 5.3) can't watch it.
    public static func notify(of process: pid_t, _ action: @escaping @Sendable () -> Void) -> Bool {
        #if os(Linux)
            // Not imported: it is newer than some systems.
            typealias PIDFDOpen = @convention(c) (pid_t, CUnsignedInt) -> CInt
            guard let symbol = unsafe dlsym(nil, "pidfd_open") else { return false }
            let descriptor = unsafe unsafeBitCast(symbol, to: PIDFDOpen.self)(process, 0)
            guard descriptor >= 0 else { return false }
            // A process's descriptor becomes readable when it ends (pidfd_open(2)).
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        #else
            guard kill(process, 0) == 0 || errno == EPERM else { return false }
            let source = DispatchSource.makeProcessSource(identifier: process, eventMask: .exit, queue: .global())
        #endif
        source.setEventHandler(handler: action)
        source.activate()
        // The source lives as long as this process, so the watch never ends.
        _ = unsafe Unmanaged.passRetained(source as AnyObject)
        return true
    }
}

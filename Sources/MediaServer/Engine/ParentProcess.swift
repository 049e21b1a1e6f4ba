import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The process that started this one.
public enum ParentProcess {
    /// Ends this process with SIGTERM as soon as the one that started it is gone, however that ended.
    ///
    /// On Linux a descriptor of the parent is watched. `PR_SET_PDEATHSIG` would fire when the *thread* that started this
    /// process ends, which threads of a pool do at any time; it is the fallback for kernels before 5.3.
    public static func terminateWithParent() {
        let parent = getppid()
        #if os(Linux)
            if !watch(parent) { requestDeathSignal() }
        #else
            let source = DispatchSource.makeProcessSource(identifier: parent, eventMask: .exit, queue: .global())
            source.setEventHandler { terminate() }
            source.activate()
            keep(source)
        #endif
        // It may have ended before it was watched.
        if getppid() != parent { terminate() }
    }

    private static func terminate() { kill(getpid(), SIGTERM) }

    /// The source lives as long as the process: nobody ever ends the watch.
    private static func keep(_ source: any DispatchSourceProtocol) {
        _ = Unmanaged.passRetained(source as AnyObject)
    }

    #if os(Linux)
        /// - Returns: false when the system has no descriptors of processes.
        private static func watch(_ parent: pid_t) -> Bool {
            // Neither function is imported: one is newer than some systems, the other has variable arguments.
            typealias PIDFDOpen = @convention(c) (pid_t, CUnsignedInt) -> CInt
            guard let symbol = dlsym(nil, "pidfd_open") else { return false }
            let descriptor = unsafeBitCast(symbol, to: PIDFDOpen.self)(parent, 0)
            guard descriptor >= 0 else { return false }
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
            // A process's descriptor becomes readable when it ends (pidfd_open(2)).
            source.setEventHandler { terminate() }
            source.activate()
            keep(source)
            return true
        }

        private static func requestDeathSignal() {
            typealias ProcessControl =
                @convention(c) (CInt, CUnsignedLong, CUnsignedLong, CUnsignedLong, CUnsignedLong)
                -> CInt
            guard let symbol = dlsym(nil, "prctl") else { return }
            let setParentDeathSignal: CInt = 1
            _ = unsafeBitCast(symbol, to: ProcessControl.self)(setParentDeathSignal, CUnsignedLong(SIGTERM), 0, 0, 0)
        }
    #endif
}

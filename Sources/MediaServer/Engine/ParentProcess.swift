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
        let isWatched = ProcessEnd.notify(of: parent) { terminate() }
        #if os(Linux)
            if !isWatched { requestDeathSignal() }
        #endif
        // It may have ended before it was watched.
        if getppid() != parent { terminate() }
    }

    private static func terminate() { kill(getpid(), SIGTERM) }

    #if os(Linux)
        private static func requestDeathSignal() {
            typealias ProcessControl =
                @convention(c) (CInt, CUnsignedLong, CUnsignedLong, CUnsignedLong, CUnsignedLong)
                -> CInt
            guard let symbol = unsafe dlsym(nil, "prctl") else { return }
            let setParentDeathSignal: CInt = 1
            _ = unsafe unsafeBitCast(symbol, to: ProcessControl.self)(
                setParentDeathSignal, CUnsignedLong(SIGTERM), 0, 0, 0)
        }
    #endif
}

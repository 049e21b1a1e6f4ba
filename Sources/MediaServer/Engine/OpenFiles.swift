#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The number of files, and so of connections, that the process may have open.
enum OpenFiles {
    /// Enough for every connection that the engine takes.
    private static let wanted: UInt = 16_384

    /// Raises the limit as far as it may be raised; many systems begin with 1024.
    static func raiseLimit() {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
        // Without more files fewer viewers fit; nothing else changes.
        _ = unsafe setrlimit(resource, &limit)
    }
}

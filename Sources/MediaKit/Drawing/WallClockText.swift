internal import Glibc

/// The local date and time as people read it, for display only: intervals are measured on the monotonic clock.
enum WallClockText {
    static func now() -> String {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        var seconds = time.tv_sec
        var local = unsafe tm()
        unsafe localtime_r(&seconds, &local)
        let date = unsafe "\(local.tm_year + 1900)-\(padded(local.tm_mon + 1))-\(padded(local.tm_mday))"
        let clock = unsafe "\(padded(local.tm_hour)):\(padded(local.tm_min)):\(padded(local.tm_sec))"
        return "\(date) \(clock).\(time.tv_nsec / 100_000_000)"
    }

    private static func padded(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

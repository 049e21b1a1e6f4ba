import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The log files of one kind of child process: `<prefix>-YYYYMMDD-HHMMSS.log`, of which the newest are kept.
struct LogFiles: Sendable {
    var folder: String
    /// Such as `mediamtx` or `worker`: what is counted together.
    var prefix: String
    var kept: Int

    /// Bytes of a file at most. With the one before it, a child has twice as many.
    static let byteLimit = 2 << 20

    /// The log of a child that is about to be started, after the oldest files were dropped. On a disk that takes no file
    /// it is one without.
    ///
    /// - Parameter name: stands between the prefix and the time; what has no place in a file name becomes `_`.
    func open(name: String = "", at date: Date = Date()) throws(Errno) -> ChildLog {
        prune(leaving: kept - 1)
        let middle = name.isEmpty ? "" : "-" + Self.sanitised(name)
        let path = "\(folder)/\(prefix)\(middle)-\(Self.stamp(date)).log"
        return try ChildLog(file: try? RotatingFile(path, limit: Self.byteLimit))
    }

    private func prune(leaving count: Int) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let logs = names.filter { $0.hasPrefix(prefix + "-") && $0.hasSuffix(".log") }
        // The time is at the end of the name, whatever stands before it.
        let oldestFirst = logs.sorted { ($0.suffix(19), $0) < ($1.suffix(19), $1) }
        for name in oldestFirst.dropLast(max(count, 0)) {
            let path = "\(folder)/\(name)"
            unsafe unlink(path)
            unsafe unlink(RotatingFile.predecessor(of: path))
        }
    }

    static func sanitised(_ name: String) -> String {
        let mapped = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "_" }
        return String(mapped.prefix(60))
    }

    private static func stamp(_ date: Date) -> String {
        var seconds = time_t(date.timeIntervalSince1970)
        var parts = unsafe tm()
        unsafe localtime_r(&seconds, &parts)
        func digits(_ value: CInt, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return unsafe digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2) + "-"
            + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2)
    }
}

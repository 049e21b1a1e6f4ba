import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A log that was opened for a child.
struct LogFile: Sendable {
    /// Open; whoever gets it closes it.
    let file: FileDescriptor
    let path: String

    /// Takes everything and keeps nothing.
    static func discarded() throws -> LogFile {
        let path = "/dev/null"
        return LogFile(file: try .open(FilePath(path), .writeOnly, options: [.closeOnExec]), path: path)
    }
}

/// The log files of one kind of child process: `<prefix>-YYYYMMDD-HHMMSS.log`, of which the newest are kept.
struct LogFiles: Sendable {
    var folder: String
    /// Such as `mediamtx` or `worker`: what is counted together.
    var prefix: String
    var kept: Int

    /// Makes a log of mode 0600, after dropping the oldest.
    ///
    /// - Parameter name: stands between the prefix and the time; what has no place in a file name becomes `_`.
    func create(name: String = "", at date: Date = Date()) throws(Errno) -> LogFile {
        prune(leaving: kept - 1)
        let middle = name.isEmpty ? "" : "-" + Self.sanitised(name)
        let path = "\(folder)/\(prefix)\(middle)-\(Self.stamp(date)).log"
        do {
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite)
            return LogFile(file: file, path: path)
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    private func prune(leaving count: Int) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let logs = names.filter { $0.hasPrefix(prefix + "-") && $0.hasSuffix(".log") }
        // The time is at the end of the name, whatever stands before it.
        let oldestFirst = logs.sorted { ($0.suffix(19), $0) < ($1.suffix(19), $1) }
        for name in oldestFirst.dropLast(max(count, 0)) { unlink("\(folder)/\(name)") }
    }

    static func sanitised(_ name: String) -> String {
        let mapped = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") ? $0 : "_" }
        return String(mapped.prefix(60))
    }

    private static func stamp(_ date: Date) -> String {
        var seconds = time_t(date.timeIntervalSince1970)
        var parts = tm()
        localtime_r(&seconds, &parts)
        func digits(_ value: CInt, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2) + "-"
            + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2)
    }

    /// The last lines of a log.
    static func tail(_ path: String, bytes limit: Int = 4096) -> [String] {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec]) else { return [] }
        defer { try? file.close() }
        guard let end = try? file.seek(offset: 0, from: .end) else { return [] }
        var bytes = [UInt8](repeating: 0, count: limit)
        let start = max(0, end - Int64(limit))
        let count = (try? bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: start, into: $0) }) ?? 0
        let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(whereSeparator: \.isNewline)
        // The first line of a piece from the middle is not whole.
        return lines.dropFirst(start > 0 ? 1 : 0).map(String.init)
    }
}

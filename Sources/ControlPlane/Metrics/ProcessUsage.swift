import Foundation

/// What the kernel says a process has used.
struct ProcessUsage: Hashable, Sendable {
    var residentBytes: Int
    /// In user and system mode, of all its threads.
    var cpuSeconds: Double

    /// Nil for a process that is gone, and where there is no `/proc`.
    init?(pid: Int) {
        guard let stat = KernelFile.text("/proc/\(pid)/stat") else { return nil }
        self.init(
            stat: stat, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))), pageSize: sysconf(Int32(_SC_PAGESIZE)))
    }

    /// - Parameter stat: a line of `/proc/<pid>/stat` (proc(5)).
    init?(stat: String, ticksPerSecond: Double, pageSize: Int) {
        // The second field is the program's name in parentheses, and may hold anything.
        guard let nameEnd = stat.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        // Fields 14, 15 and 24 of the line; the first here is field 3.
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let pages = Int(fields[21])
        else { return nil }
        cpuSeconds = (user + system) / ticksPerSecond
        residentBytes = pages * pageSize
    }
}

import Foundation
import StreamModel

/// What is known of the machine, for whoever looks for a fault from afar.
enum SystemFacts {
    static func json(dataDirectory: String) -> JSONValue {
        let space = try? URL(filePath: dataDirectory).resourceValues(forKeys: [
            .volumeAvailableCapacityKey, .volumeTotalCapacityKey,
        ])
        return [
            "operating_system": JSONValue(line("PRETTY_NAME=", of: "/etc/os-release")?.trimmingCharacters(in: ["\""])),
            "kernel": JSONValue(text("/proc/sys/kernel/osrelease")), "architecture": .string(architecture),
            "processor": JSONValue(
                line("model name", of: "/proc/cpuinfo").map { String($0.drop { ":\t ".contains($0) }) }),
            "processors": .integer(ProcessInfo.processInfo.activeProcessorCount),
            "memory_total": JSONValue(line("MemTotal:", of: "/proc/meminfo")?.trimmed),
            "memory_available": JSONValue(line("MemAvailable:", of: "/proc/meminfo")?.trimmed),
            "load": JSONValue(text("/proc/loadavg")), "uptime_seconds": .number(ProcessInfo.processInfo.systemUptime),
            "is_container": .bool(
                FileManager.default.fileExists(atPath: "/.dockerenv") || text("/run/.containerenv") != nil),
            "data_directory": .string(dataDirectory),
            "disk_free_bytes": JSONValue(space?.volumeAvailableCapacity),
            "disk_total_bytes": JSONValue(space?.volumeTotalCapacity),
            "time": .string(Timestamp.format(Date())),
            "time_zone": .string(TimeZone.current.identifier), "environment": environment,
        ]
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }

    /// Which of our variables are set. Their values may be secrets, so only those are shown that can't be.
    private static var environment: JSONValue {
        let shown: Set = [
            "TOPOSYNC_STREAMING_HOST", "TOPOSYNC_STREAMING_PORT", "TOPOSYNC_STREAMING_ACCESS", "TOPOSYNC_DATA_DIR",
            "TOPOSYNC_STREAMING_ENGINE_PATH", "TOPOSYNC_STREAMING_MEDIA_ROOTS",
        ]
        let ours = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("TOPOSYNC_") }
        return .object(
            Dictionary(
                uniqueKeysWithValues: ours.map { name, value in
                    (name, .string(shown.contains(name) ? value.redactingCredentials : "(set)"))
                }))
    }

    private static func text(_ path: String) -> String? {
        KernelFile.text(path)?.trimmed
    }

    /// What follows a word in the first line that begins with it.
    private static func line(_ word: String, of path: String) -> String? {
        text(path)?.split(separator: "\n").first { $0.hasPrefix(word) }.map { String($0.dropFirst(word.count)) }
    }
}

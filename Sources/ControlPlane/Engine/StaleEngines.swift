import Foundation

/// Engines that an earlier server left behind, found by the configuration file that only engines of this data directory
/// are started with.
struct StaleEngines: Sendable {
    var configuration: String

    /// The processes that run with our configuration file, except `own`.
    func find(except own: Int?) -> [Int] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return [] }
        return names.compactMap { Int($0) }.filter { $0 != own && $0 != Int(getpid()) && isEngine($0) }.sorted()
    }

    /// Ends them: asks, and after a short while makes sure.
    /// - Returns: those that were there.
    func end(except own: Int?) async -> [Int] {
        let found = find(except: own)
        guard !found.isEmpty else { return [] }
        for pid in found { signal(pid, SIGTERM) }
        for _ in 0..<8 {
            try? await Task.sleep(for: .milliseconds(50))
            if found.allSatisfy({ !isEngine($0) }) { return found }
        }
        for pid in found { signal(pid, SIGKILL) }
        return found
    }

    private func signal(_ pid: Int, _ number: CInt) {
        // The number may belong to another process by now, so it is looked at once more.
        if isEngine(pid) { kill(pid_t(pid), number) }
    }

    private func isEngine(_ pid: Int) -> Bool {
        guard let commandLine = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")) else { return false }
        let arguments = commandLine.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard arguments.dropFirst().contains(configuration) else { return false }
        // An editor that has the file open has it as an argument too.
        return arguments.contains { argument in
            argument == "engine" || (argument != configuration && argument.lowercased().hasSuffix("mediamtx"))
        }
    }
}

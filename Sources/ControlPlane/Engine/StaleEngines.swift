import Foundation

/// Engines that an earlier server left behind, found by the configuration file that only engines of this data directory
/// are started with.
struct StaleEngines: Sendable {
    var configuration: String
    /// A MediaMTX program that somebody else supplied, whose name may be anything.
    var suppliedProgram: String?
    /// Where they are looked for.
    var processes: @Sendable () -> [Int] = Self.allProcesses

    /// What a process has to end after SIGTERM.
    static let patience: Duration = .seconds(3)
    /// What the kernel has to end it after SIGKILL.
    static let killPatience: Duration = .seconds(1)

    /// The numbers of all processes of this machine.
    @Sendable static func allProcesses() -> [Int] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int($0) }
    }

    /// What became of the processes that were found.
    struct Outcome: Hashable, Sendable {
        var ended: [Int] = []
        /// Still there: they belong to another user.
        var left: [Int] = []
    }

    /// The processes that run with our configuration file, except `own` and what belongs to its session.
    func find(except own: Int?) -> [Int] {
        processes().filter { $0 != Int(getpid()) && isEngine($0) && !belongs($0, to: own) }.sorted()
    }

    /// Those of the processes that are engines still.
    func remaining(of pids: [Int]) -> [Int] { pids.filter(isEngine) }

    /// Ends them: asks, waits for them to go, and kills those that do not.
    func end(except own: Int?) async -> Outcome {
        let found = find(except: own)
        for pid in found { signal(pid, SIGTERM) }
        await wait(for: found, atMost: Self.patience)
        for pid in found { signal(pid, SIGKILL) }
        await wait(for: found, atMost: Self.killPatience)
        return Outcome(ended: found.filter { !isEngine($0) }, left: remaining(of: found))
    }

    /// The kernel tells only parents of the end of a process, so it is looked for.
    private func wait(for pids: [Int], atMost limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, pids.contains(where: isEngine) {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func signal(_ pid: Int, _ number: CInt) {
        // The number may belong to another process by now, so it is looked at once more.
        if isEngine(pid) { kill(pid_t(pid), number) }
    }

    /// Each engine is started in a session of its own, which what it starts itself belongs to.
    private func belongs(_ pid: Int, to own: Int?) -> Bool {
        guard let own else { return false }
        return pid == own || getsid(pid_t(pid)) == pid_t(own)
    }

    private func isEngine(_ pid: Int) -> Bool {
        guard let commandLine = KernelFile.bytes("/proc/\(pid)/cmdline") else { return false }
        return isEngine(commandLine.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }

    /// Whether a command line is an engine's: our own (`… engine … FILE`) or MediaMTX's (`[interpreter] program FILE`). An
    /// editor that has the file open has it as an argument too.
    func isEngine(_ arguments: [String]) -> Bool {
        guard let place = arguments.dropFirst().firstIndex(of: configuration) else { return false }
        let before = arguments[..<place]
        if before.dropFirst().contains("engine") { return true }
        guard before.count <= 2, let program = before.last else { return false }
        if program == suppliedProgram { return true }
        let name = program.split(separator: "/").last ?? ""
        return before.count == 1 ? name.hasPrefix("mediamtx") : name == "mediamtx"
    }
}

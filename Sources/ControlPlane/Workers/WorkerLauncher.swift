#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// How workers are started.
struct WorkerLauncher: Sendable {
    var executable: String
    var arguments = ["worker"]
    var workingDirectory: String
    var logs: LogFiles
    /// A worker whose input was closed ends by itself in 2 s at most.
    var endGrace: Duration = .milliseconds(2500)
    /// A worker that says nothing for so long of a rendition that is wanted hangs: it reports each of them once a second.
    var silenceLimit: Duration = .seconds(10)

    /// Logs that are kept (contract B.4).
    static let keptLogs = 20

    var program: ChildProgram {
        ChildProgram(
            executable: executable, arguments: arguments, workingDirectory: workingDirectory,
            terminateGrace: .seconds(1), killGrace: .milliseconds(500))
    }
}

import StreamModel

/// How workers are started.
struct WorkerLauncher: Sendable {
    /// The program that links libav.
    var executable: String
    var workingDirectory: String
    /// Where files are read from in place of cameras.
    var mediaRoots = MediaRoots([])
    var logs: LogFiles
    /// Where workers read cameras of Home Assistant; nil is nowhere.
    var homeAssistant: HomeAssistantMedia?
    /// A worker whose input was closed ends by itself in 2 s at most.
    var endGrace: Duration = .milliseconds(2500)
    /// Between two looks at whether a worker hangs; see ``WorkerSilence``.
    var lookInterval: Duration = .milliseconds(2500)

    /// Logs that are kept (contract B.4).
    static let keptLogs = 20

    /// The commands of a worker that is about to start.
    func makeMailbox() -> WorkerMailbox {
        let mailbox = WorkerMailbox()
        if let address = homeAssistant?.address { mailbox.put(.reachHomeAssistant(address)) }
        return mailbox
    }

    var program: ChildProgram {
        ChildProgram(
            executable: executable, arguments: mediaRoots.folders.flatMap { ["--media-root", $0] },
            workingDirectory: workingDirectory,
            terminateGrace: .seconds(1), killGrace: .milliseconds(500))
    }
}

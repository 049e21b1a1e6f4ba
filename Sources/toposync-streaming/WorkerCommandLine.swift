import ArgumentParser
import ProcessLog

/// `toposync-streaming worker`: becomes the program beside this one that links libav.
struct WorkerCommandLine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Run cameras, pipelines and encoders as commands on standard input say.",
        version: ProductVersion.current)

    @Argument(parsing: .captureForPassthrough, help: "What `toposync-streaming worker --help` lists.")
    var arguments: [String] = []

    func run() throws { try WorkerExecutable.become(arguments) }
}

import ArgumentParser

/// One binary, several kinds of process: `serve` is what a user starts, and it starts the others.
@main
struct ToposyncStreaming: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "toposync-streaming",
        abstract: "Watch your cameras, raw or as rendered by pipelines, without a cloud.",
        version: version,
        subcommands: [
            ServeCommandLine.self, EngineCommandLine.self, EngineInstallCommandLine.self, WorkerCommandLine.self,
            DemandHookCommandLine.self,
        ],
        defaultSubcommand: ServeCommandLine.self)
}

import ArgumentParser
import ProcessLog

/// One binary, several kinds of process: `serve` is what a user starts, and it starts the others.
@main
struct ToposyncStreaming: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "toposync-streaming",
        abstract: "Watch your cameras, raw or as rendered by pipelines, without a cloud.",
        version: ProductVersion.current,
        subcommands: [
            ServeCommandLine.self, EngineCommandLine.self, EngineInstallCommandLine.self, WorkerCommandLine.self,
            DemandHookCommandLine.self,
        ],
        defaultSubcommand: ServeCommandLine.self)
}

import ArgumentParser
import ProcessLog

/// One binary, several kinds of process: `serve` is what a user starts, and it starts the others.
@main
struct ToposyncStreaming: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "toposync-streaming",
        abstract: "Watch your cameras, raw or as rendered by pipelines, without a cloud.",
        // Without a version of its own: each subcommand would then have the option, also the one that takes a version.
        subcommands: [
            ServeCommandLine.self, HealthCheckCommandLine.self, EngineCommandLine.self, EngineInstallCommandLine.self,
            VisionInstallCommandLine.self, WorkerCommandLine.self, MetadataCommandLine.self,
            DemandHookCommandLine.self, EngineGuardCommandLine.self,
        ],
        defaultSubcommand: ServeCommandLine.self)

    static func main() async {
        BrokenPipe.ignoreSignal()
        await main(nil)
    }
}

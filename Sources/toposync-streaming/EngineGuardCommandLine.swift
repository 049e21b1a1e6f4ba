import ArgumentParser
import Foundation
import MediaServer
import ProcessLog

/// `toposync-streaming engine-guard PID`: ends an engine that is not ours when the server that started both is gone.
///
/// The server ends its engine whenever it can; when it is killed it can't, and MediaMTX would go on with nobody to steer it.
struct EngineGuardCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine-guard",
        abstract: "End an engine when the server that started it is gone.",
        discussion: "Started by the server beside MediaMTX. Ends with the engine.",
        version: ProductVersion.current)

    private enum Event { case engineEnded, serverEnded, patienceEnded }

    /// What the engine has for an orderly end.
    private static let patience: Duration = .seconds(3)

    @Option(help: "The server's process, which starts this one.")
    var server: Int32

    @Argument(help: "The engine's process.")
    var engine: Int32

    func validate() throws {
        guard engine > 1 else { throw ValidationError("The engine's process is a number above 1.") }
    }

    func run() async {
        let (engine, server) = (engine, server)
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        // Engines lead a session each; anything else with this number is another process by now.
        guard getsid(engine) == engine, ProcessEnd.notify(of: engine, { continuation.yield(.engineEnded) }) else {
            return
        }
        // The server may have ended before it is watched.
        if !ProcessEnd.notify(of: server, { continuation.yield(.serverEnded) }) || getppid() != server {
            continuation.yield(.serverEnded)
        }
        for await event in events {
            switch event {
            case .engineEnded: return
            case .serverEnded:
                kill(engine, SIGTERM)
                Task {
                    try? await Task.sleep(for: Self.patience)
                    continuation.yield(.patienceEnded)
                }
            case .patienceEnded: kill(-engine, SIGKILL)
            }
        }
    }
}

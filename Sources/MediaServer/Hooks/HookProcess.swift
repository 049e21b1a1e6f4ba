import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A running command of a path. Ending it sends SIGINT, and SIGKILL to its process group when it does not go.
final class HookProcess: Hook {
    /// What a command has to end after SIGINT: long enough to say goodbye, and shorter than a shutdown may take.
    static let patience: Duration = .seconds(1)

    private let task: Task<Void, Never>

    /// Starts a command.
    ///
    /// - Parameter onExit: called once, when the process is gone or could not be started, with the reason.
    init(
        command: HookCommand, environment: [String: String],
        onExit: @escaping @Sendable (String) async -> Void
    ) {
        task = Task {
            await onExit(await Self.run(command, environment: environment))
        }
    }

    func stop() {
        task.cancel()
    }

    func waitUntilExit() async {
        await task.value
    }

    private static func run(_ command: HookCommand, environment: [String: String]) async -> String {
        var options = PlatformOptions()
        // A group of its own: what the command starts ends with it.
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .interrupt, toProcessGroup: true, allowedDurationToNextStep: patience)
        ]
        let variables = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) })
        do {
            let result = try await Subprocess.run(
                command.program.contains("/") ? .path(FilePath(command.program)) : .name(command.program),
                arguments: Arguments(command.arguments),
                environment: .inherit.updating(variables),
                platformOptions: options,
                input: .none,
                output: .currentStandardError,
                error: .currentStandardError
            )
            switch result.terminationStatus {
            case .exited(let code): return "it ended with exit code \(code)"
            case .signaled(let signal): return "it was ended by signal \(signal)"
            }
        } catch is CancellationError {
            return "it was stopped"
        } catch {
            return "it could not be started: \(error)"
        }
    }
}

import StreamModel
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A program that runs as a child in a session of its own, and how it is ended.
struct ChildProgram: Sendable {
    var executable: String
    /// Never holds a secret: everybody on the machine can read it.
    var arguments: [String]
    var workingDirectory: String
    /// How long it may take to end after SIGTERM, before its whole process group is told.
    var terminateGrace: Duration
    /// How long its process group may take after that, before it is killed.
    var killGrace: Duration

    var configuration: Subprocess.Configuration {
        var options = PlatformOptions()
        // A Ctrl-C at the terminal is for the server, which ends its children in order.
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: false, allowedDurationToNextStep: terminateGrace),
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: killGrace),
        ]
        return Subprocess.Configuration(
            executable: .path(FilePath(executable)), arguments: Arguments(arguments),
            environment: ChildEnvironment.current, workingDirectory: FilePath(workingDirectory),
            platformOptions: options)
    }
}

/// How a child ended.
enum ChildExit: Hashable, Sendable, CustomStringConvertible {
    case exited(Int)
    case signalled(Int)
    /// It could not be started.
    case failed(String)

    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(Int(code))
        case .signaled(let signal): self = .signalled(Int(signal))
        }
    }

    var description: String { message.text }

    /// As part of a sentence.
    var message: CodedMessage {
        switch self {
        case .exited(0): CodedMessage("ended", "it ended")
        case .exited(let code):
            CodedMessage("ended_with_code", "it ended with exit code \(code)", ["exit_code": .integer(code)])
        case .signalled(let signal):
            CodedMessage("ended_by_signal", "it was ended by signal \(signal)", ["signal": .integer(signal)])
        case .failed(let reason):
            CodedMessage("not_started", "it could not be started: \(reason)", ["reason": .string(reason)])
        }
    }
}

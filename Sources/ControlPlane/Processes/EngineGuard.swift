import Foundation
import Subprocess

/// Ends an engine that is not ours when this process is gone, however that ended.
///
/// It is a process of its own, `toposync-streaming engine-guard`, because nothing else survives a SIGKILL.
struct EngineGuard: Sendable {
    /// Our own program.
    var executable: String
    var workingDirectory: String

    /// Lasts as long as the engine. An engine without a guard is ended at the next start of the server.
    func run(for engine: Int) async {
        let program = ChildProgram(
            executable: executable, arguments: ["engine-guard", "--server", "\(getpid())", "\(engine)"],
            workingDirectory: workingDirectory, terminateGrace: .seconds(1), killGrace: .seconds(1))
        _ = try? await Subprocess.run(program.configuration, input: .none, output: .discarded, error: .discarded)
    }
}

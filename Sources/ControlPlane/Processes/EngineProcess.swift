import Foundation
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Runs an engine: no input, and one log for both outputs.
enum EngineProcess {
    /// Runs it until it ends; when the task is cancelled it is made to end. It is always reaped.
    ///
    /// - Parameter log: is closed when the child has it.
    static func run(
        _ program: ChildProgram, log: FileDescriptor, onStart: @Sendable (Int) async -> Void
    ) async -> ChildExit {
        do {
            let result = try await Subprocess.run(
                program.configuration, input: .none, output: .fileDescriptor(log, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ) { execution in
                await onStart(Int(execution.processIdentifier.value))
            }
            return ChildExit(result.terminationStatus)
        } catch {
            return .failed("\(error)")
        }
    }
}

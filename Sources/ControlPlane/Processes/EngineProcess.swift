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
    /// - Parameters:
    ///   - log: is closed when the child has it.
    ///   - guardian: nil for an engine that looks after itself.
    static func run(
        _ program: ChildProgram, log: FileDescriptor, guardian: EngineGuard?, onStart: @Sendable (Int) async -> Void
    ) async -> ChildExit {
        do {
            let result = try await Subprocess.run(
                program.configuration, input: .none, output: .fileDescriptor(log, closeAfterSpawningProcess: true),
                error: .combinedWithOutput
            ) { execution in
                let pid = Int(execution.processIdentifier.value)
                await onStart(pid)
                await guardian?.run(for: pid)
            }
            return ChildExit(result.terminationStatus)
        } catch {
            return .failed("\(error)")
        }
    }
}

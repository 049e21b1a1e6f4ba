import Foundation
import StreamModel
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Runs a worker: commands by its input, events by its output, its log by its error output.
enum WorkerProcess {
    /// Runs it until it ends; when the task is cancelled it is made to end. It is always reaped.
    ///
    /// When the mailbox is closed, its input is closed, which a worker takes as the order to end.
    /// - Parameters:
    ///   - log: is closed when the child has it.
    ///   - onEvent: gets the events in the order in which they were written.
    static func run(
        _ program: ChildProgram, log: FileDescriptor, mailbox: WorkerMailbox,
        onStart: @Sendable (Int) async -> Void, onEvent: @escaping @Sendable (WorkerEvent) async -> Void
    ) async -> ChildExit {
        do {
            let result = try await Subprocess.run(
                program.configuration, input: .inputWriter, output: .sequence,
                error: .fileDescriptor(log, closeAfterSpawningProcess: true)
            ) { execution in
                await onStart(Int(execution.processIdentifier.value))
                let writer = execution.standardInputWriter
                let output = execution.standardOutput
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await Self.write(mailbox, to: writer) }
                    // Ends when the child closes its output, which is when it ends.
                    await Self.read(output, onEvent: onEvent)
                    mailbox.close()
                    await group.waitForAll()
                }
            }
            return ChildExit(result.terminationStatus)
        } catch is CancellationError {
            return .signalled(Int(SIGTERM))
        } catch {
            return .failed("\(error)")
        }
    }

    private static func write(_ mailbox: WorkerMailbox, to writer: StandardInputWriter) async {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        for await _ in mailbox.arrivals {
            for command in mailbox.take() {
                guard let line = try? encoder.encode(command) else { continue }
                // A child that is gone is noticed by the end of its output.
                guard (try? await writer.write(Array(line) + [0x0a])) != nil else { return }
            }
        }
        try? await writer.finish()
    }

    private static func read(
        _ output: SubprocessOutputSequence, onEvent: @Sendable (WorkerEvent) async -> Void
    ) async {
        let decoder = JSONDecoder()
        var lines = LineSplitter(byteLimit: eventLimit)
        do {
            for try await buffer in output {
                let bytes = unsafe buffer.bytes.withUnsafeBytes { unsafe Array($0) }
                for case .complete(let line) in lines.append(bytes) {
                    if let event = try? decoder.decode(WorkerEvent.self, from: Data(line)) { await onEvent(event) }
                }
            }
        } catch {
            // The output broke off with the child.
        }
    }

    /// Bytes of an event at most: a camera test carries a picture.
    private static let eventLimit = 8 << 20
}

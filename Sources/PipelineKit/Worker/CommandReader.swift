import Foundation
import Logging
import MediaKit
import StreamModel

/// Reads commands from a file descriptor, on a thread of its own, until it ends.
enum CommandReader {
    /// A configuration of hundreds of cameras and pipelines is below a tenth of this.
    static let lineByteLimit = 16 << 20
    /// Commands that wait. Each one of a kind replaces the effect of the one before, so the newest are kept.
    private static let bufferedCommands = 1024

    /// The commands as they come; the sequence ends with the input.
    static func commands(from input: FileDescriptorInput, logger: Logger) -> AsyncStream<WorkerCommand> {
        let (commands, continuation) = AsyncStream.makeStream(
            of: WorkerCommand.self, bufferingPolicy: .bufferingNewest(bufferedCommands))
        _ = DedicatedThread(name: "commands") {
            var splitter = LineSplitter(byteLimit: lineByteLimit)
            let decoder = JSONDecoder()
            while let bytes = input.read() {
                for line in splitter.append(bytes) {
                    guard let command = parse(line, decoder, logger) else { continue }
                    if case .terminated = continuation.yield(command) { return }
                }
            }
            continuation.finish()
        }
        return commands
    }

    /// A line that is no command is logged without its content, which may hold passwords.
    private static func parse(_ line: LineSplitter.Line, _ decoder: JSONDecoder, _ logger: Logger) -> WorkerCommand? {
        guard case .complete(let bytes) = line else {
            logger.error("A command of more than \(lineByteLimit) bytes was ignored.")
            return nil
        }
        do {
            return try decoder.decode(WorkerCommand.self, from: Data(bytes))
        } catch {
            logger.error("A command of \(bytes.count) bytes was ignored: it is not one that this worker knows.")
            return nil
        }
    }
}

/// A file descriptor that is read by one thread. The caller keeps it open.
struct FileDescriptorInput: Sendable {
    let descriptor: Int32

    /// Blocks until there is something; nil at the end, and when reading fails.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Foundation.read(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 { return [UInt8](buffer.prefix(count)) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }
}

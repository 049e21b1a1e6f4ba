import ArgumentParser
import Dispatch
import Foundation
import Logging
import MediaKit
import PipelineKit
import ProcessLog
import StreamModel

/// What `toposync-streaming worker` becomes: runs one island of cameras, pipelines and outputs.
///
/// It is a program of its own so that only it loads libav: the server and the engine start faster and stay smaller
/// without its hundred libraries, and can't be harmed by them.
@main
struct WorkerProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "toposync-streaming worker",
        abstract: "Run cameras, pipelines and encoders as commands on standard input say.",
        discussion: """
            Started by `toposync-streaming serve`, one for each group of connected pipelines. Reads commands as JSON \
            lines from standard input, writes events as JSON lines to standard output and its log to standard error, \
            and ends when standard input ends.
            """,
        version: ProductVersion.current, subcommands: [MetadataProgram.self])

    @Option(help: "A folder that files are read from in place of cameras. Can be given several times.")
    var mediaRoot: [String] = []

    @OptionGroup var logging: LogOptions

    static func main() async {
        BrokenPipe.ignoreSignal()
        await main(nil)
    }

    func run() async throws {
        let logger = logging.start(label: "worker")
        // What matters of these lines comes back as errors, which are logged where they are handled.
        try MediaKit.start { _, message in logger.debug("\(message)", metadata: ["source": "libav"]) }
        let worker = Worker(mediaRoots: MediaRoots(mediaRoot), logger: logger)
        let signals = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { worker.stop() }
            source.resume()
            return source
        }
        await worker.run()
        for source in signals { source.cancel() }
        LogOptions.flush()
        // Threads that hang in a library must not keep the process alive, and must not see it being taken down.
        _exit(0)
    }
}

import ArgumentParser
import Foundation
import ProcessLog

/// `toposync-streaming worker`: becomes the program beside this one that links libav.
struct WorkerCommandLine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Run cameras, pipelines and encoders as commands on standard input say.",
        version: ProductVersion.current)

    @Argument(parsing: .captureForPassthrough, help: "What `toposync-streaming worker --help` lists.")
    var arguments: [String] = []

    func run() throws {
        let program = URL(filePath: OwnExecutable.path).deletingLastPathComponent()
            .appending(path: "toposync-streaming-worker").path
        // execv keeps process id, standard input and output: whoever started us talks to the worker.
        let words: [UnsafeMutablePointer<CChar>?] =
            unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        unsafe execv(program, words)
        let reason = unsafe String(cString: strerror(errno))
        throw WorkerMissing(description: "\(program) can't be run: \(reason). Install the whole package again.")
    }
}

private struct WorkerMissing: Error, CustomStringConvertible {
    let description: String
}

import ArgumentParser
import ProcessLog

/// `toposync-streaming metadata`: becomes the program that links libav, which reads a stream.
struct MetadataCommandLine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metadata",
        abstract: "Write the JSON that travels with the pictures of a stream, a line for each of them.",
        version: ProductVersion.current)

    @Argument(parsing: .captureForPassthrough, help: "What `toposync-streaming metadata --help` lists.")
    var arguments: [String] = []

    func run() throws { try WorkerExecutable.become(["metadata"] + arguments) }
}

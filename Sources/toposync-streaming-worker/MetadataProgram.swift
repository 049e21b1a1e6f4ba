import ArgumentParser
import Foundation
import Logging
import MediaKit
import PipelineKit
import ProcessLog
import StreamModel
import StreamProtocols

/// What `toposync-streaming metadata` becomes: writes what the pictures of a stream carry, a JSON line for each of them.
struct MetadataProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metadata",
        abstract: "Write the JSON that travels with the pictures of a stream.",
        usage: "toposync-streaming metadata [--log-format <log-format>] [--log-level <log-level>] <url>",
        discussion: """
            One line for each picture that carries any: {"metadata":{…},"time":1.24}, with the seconds since the first \
            picture that was read. It ends with the stream.
            """)

    @Argument(help: "RTSP, HTTP or a file; - reads it from standard input, where nobody else sees a password.")
    var url: String

    @OptionGroup var logging: LogOptions

    func run() throws {
        let logger = logging.start(label: "metadata")
        try MediaKit.start { _, message in logger.debug("\(message)", metadata: ["source": "libav"]) }
        do {
            try MetadataReader(url: url == "-" ? readLine() ?? "" : url).read(Self.write)
        } catch let error as MediaError {
            logger.critical("\(error.userMessage)")
            throw ExitCode.failure
        }
    }

    private static func write(_ seconds: Double, _ metadata: PictureMetadata) throws {
        // What others put into a stream may look like an object and be none.
        guard let value = try? JSONValue(parsing: Data(metadata.json)), value.objectValue != nil else { return }
        // In microseconds: a Double has digits behind them that nobody measured.
        let time = (seconds * 1_000_000).rounded() / 1_000_000
        let line = JSONValue.object(["time": .number(time), "metadata": value]).data
        do {
            try FileHandle.standardOutput.write(contentsOf: line + [0x0A])
        } catch {
            // Nobody reads them any more.
            throw ExitCode.success
        }
    }
}

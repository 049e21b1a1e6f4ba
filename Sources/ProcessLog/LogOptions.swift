import ArgumentParser
import Foundation
import Logging

extension Logger.Level: @retroactive ExpressibleByArgument {}

/// How a log line is written.
public enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// For people.
    case text
    /// For programs: one JSON object a line.
    case json
}

/// What every subcommand takes about its log.
public struct LogOptions: ParsableArguments, Sendable {
    @Option(help: "How log lines are written: text or json.")
    public var logFormat: LogFormat = .text

    @Option(help: "The least important level that is logged: trace, debug, info, notice, warning, error, critical.")
    public var logLevel: Logger.Level = .info

    public init() {}

    /// Makes every logger of the process write to standard error in the chosen form. What was logged is written before the
    /// process ends by `exit`; one that ends by `_exit` calls ``flush()``.
    /// - Returns: the logger of the subcommand.
    public func start(label: String) -> Logger {
        let format = logFormat
        let level = logLevel
        atexit { LineWriter.standardError.flush() }
        LoggingSystem.bootstrap { StandardErrorLogHandler(label: $0, format: format, level: level) }
        return Logger(label: label)
    }

    /// Waits, not for long, until what was logged is written.
    public static func flush() { LineWriter.standardError.flush() }

    /// Writes the last line of the start-up: where the server listens. It is written whatever the level, because scripts
    /// wait for it.
    public func announce(url: String, _ logger: Logger) {
        let handler = StandardErrorLogHandler(label: logger.label, format: logFormat, level: logLevel)
        switch logFormat {
        case .text:
            handler.write("Toposync Streaming is ready: \(url)\n")
        case .json:
            handler.write(
                StandardErrorLogHandler.jsonLine(
                    level: .info, message: "listening", ["url": "\(url)"], label: logger.label))
        }
    }
}

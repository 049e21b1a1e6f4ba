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
    public var logLevel: Logger.Level?

    public init() {}

    /// Makes every logger of the process write to standard error in the chosen form. What was logged is written before the
    /// process ends by `exit`; one that ends by `_exit` calls ``flush()``.
    /// - Parameter defaultLevel: that of a process that was not told one on its command line.
    /// - Returns: the logger of the subcommand.
    public func start(label: String, defaultLevel: Logger.Level = .info) -> Logger {
        let format = logFormat
        let level = logLevel ?? defaultLevel
        atexit { LineWriter.standardError.flush() }
        LoggingSystem.bootstrap { StandardErrorLogHandler(label: $0, format: format, level: level) }
        return Logger(label: label)
    }

    /// Waits, not for long, until what was logged is written.
    public static func flush() { LineWriter.standardError.flush() }

    /// Writes the last lines of the start-up: where the server listens, and what else its user has to know. They are
    /// written whatever the level, because people and scripts wait for them.
    ///
    /// - Parameters:
    ///   - notes: sentences for people.
    ///   - details: the same for programs.
    public func announce(url: String, notes: [String] = [], details: Logger.Metadata = [:], _ logger: Logger) {
        let handler = StandardErrorLogHandler(label: logger.label, format: logFormat, level: logLevel ?? .info)
        switch logFormat {
        case .text:
            let lines = ["Toposync Streaming is ready: \(url)"] + notes
            handler.write(lines.joined(separator: "\n") + "\n")
        case .json:
            handler.write(
                StandardErrorLogHandler.jsonLine(
                    level: .info, message: "listening", details.merging(["url": "\(url)"]) { $1 }, label: logger.label))
        }
    }
}

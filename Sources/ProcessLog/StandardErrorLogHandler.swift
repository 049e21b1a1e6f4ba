import Foundation
import Logging
import StreamModel

/// Writes log lines to standard error, with the credentials of every URL in them masked.
public struct StandardErrorLogHandler: LogHandler {
    let label: String
    let format: LogFormat
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]

    init(label: String, format: LogFormat, level: Logger.Level) {
        self.label = label
        self.format = format
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        write(line(level: event.level, message: "\(event.message)", all))
    }

    /// Hands a line over to be written; never waits and never fails.
    func write(_ line: String) {
        LineWriter.standardError.write(line) { count in
            self.line(level: .warning, message: "\(count) lines of the log could not be written and are left out", [:])
        }
    }

    private func line(level: Logger.Level, message: String, _ metadata: Logger.Metadata) -> String {
        switch format {
        case .text: Self.textLine(level: level, message: message, metadata, label: label)
        case .json: Self.jsonLine(level: level, message: message, metadata, label: label)
        }
    }

    /// `10:20:29.123 warning serve: message key=value`
    static func textLine(level: Logger.Level, message: String, _ metadata: Logger.Metadata, label: String) -> String {
        let time = Date().formatted(
            .verbatim(
                "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
                locale: Locale(identifier: "en_US_POSIX"), timeZone: .current, calendar: .current))
        let details = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return "\(time) \(level) \(label): \(message)\(details)".oneLine.redactingCredentials + "\n"
    }

    /// `{"level":"info","message":"…","time":"…",…}`
    static func jsonLine(level: Logger.Level, message: String, _ metadata: Logger.Metadata, label: String) -> String {
        var members: [String: JSONValue] = metadata.mapValues { .string("\($0)".redactingCredentials) }
        members["level"] = .string(level.rawValue)
        members["message"] = .string(message.redactingCredentials)
        members["logger"] = .string(label)
        members["time"] = .string(Timestamp.format(Date()))
        return String(decoding: JSONValue.object(members).data, as: UTF8.self) + "\n"
    }
}

extension String {
    /// The text without line breaks: what a camera or a client sends can't forge a line of the log.
    fileprivate var oneLine: String {
        String(map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } ? " " : $0 })
    }
}

import StreamModel

/// What an engine wrote to its log.
enum EngineLog {
    /// Lines that the status shows at most.
    static let tailLineCount = 50
    /// Characters of a line that is shown at most.
    private static let lineLimit = 500

    /// The last lines, without credentials.
    static func tail(_ log: ChildLog) -> [String] {
        log.lines().suffix(tailLineCount).map {
            String($0.redactingCredentials.prefix(lineLimit))
        }
    }

    /// The last complaint (contract B.5). An engine that ended by itself said why in its last line.
    static func complaint(in log: ChildLog, _ exit: ChildExit?) -> String? {
        let lines = log.lines()
        let marks = [" ERR ", " FTL ", " error ", " critical "]
        if let complaint = lines.last(where: { line in marks.contains { line.contains($0) } }) { return complaint }
        guard case .exited = exit else { return nil }
        return lines.last
    }
}

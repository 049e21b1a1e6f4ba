/// Cuts a byte stream into the lines that server and worker exchange, however it arrives in pieces.
public struct LineSplitter: Sendable {
    /// What a line feed completed.
    public enum Line: Equatable, Sendable {
        /// Without its line feed.
        case complete([UInt8])
        /// A line of more than the limit, of which nothing was kept.
        case tooLong
    }

    /// Bytes of a line at most.
    public let byteLimit: Int
    private var pending: [UInt8] = []
    /// The rest of a line that was too long is skipped.
    private var isSkipping = false

    public init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// - Returns: the lines that `bytes` completed, without their line ends; empty lines are left out.
    public mutating func append(_ bytes: some Collection<UInt8>) -> [Line] {
        var lines: [Line] = []
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0, let line = endLine() { lines.append(line) }
            guard !isSkipping else { continue }
            if pending.count + part.element.count > byteLimit {
                isSkipping = true
                pending = []
            } else {
                pending.append(contentsOf: part.element)
            }
        }
        return lines
    }

    private mutating func endLine() -> Line? {
        defer {
            pending = []
            isSkipping = false
        }
        if isSkipping { return .tooLong }
        return pending.isEmpty ? nil : .complete(pending)
    }
}

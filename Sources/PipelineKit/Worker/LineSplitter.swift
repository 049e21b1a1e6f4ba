/// Cuts a byte stream into lines, however it arrives in pieces.
struct LineSplitter: Sendable {
    enum Line: Equatable {
        case complete([UInt8])
        /// A line of more than the limit, of which nothing was kept.
        case tooLong
    }

    let byteLimit: Int
    private var pending: [UInt8] = []
    /// The rest of a line that was too long is skipped.
    private var isSkipping = false

    init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// - Returns: the lines that `bytes` completed, without their line ends; empty lines are left out.
    mutating func append(_ bytes: some Collection<UInt8>) -> [Line] {
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

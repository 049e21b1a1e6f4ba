/// Cuts a stream of bytes into lines. A line over the limit is dropped whole.
struct LineSplitter: Sendable {
    private let limit: Int
    private var pending: [UInt8] = []
    private var isDropping = false

    /// - Parameter limit: bytes of a line at most.
    init(limit: Int) { self.limit = limit }

    /// The lines that the bytes complete, without their line feeds and without empty ones.
    mutating func append(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0a) {
            take(rest[..<end])
            if !isDropping, !pending.isEmpty { lines.append(pending) }
            pending = []
            isDropping = false
            rest = rest[rest.index(after: end)...]
        }
        take(rest)
        return lines
    }

    private mutating func take(_ bytes: some Collection<UInt8>) {
        guard !isDropping else { return }
        guard pending.count + bytes.count <= limit else {
            pending = []
            isDropping = true
            return
        }
        pending += bytes
    }
}

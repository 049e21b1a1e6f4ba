import Dispatch
import Foundation
import Synchronization

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// What a child writes to its log: the last lines in memory, and all of it in files of bounded size.
///
/// The child writes into a pipe that is read here. So a disk that is full, read-only or slow is none of its business, and
/// a child that writes without end fills no disk.
final class ChildLog: Sendable {
    private struct Reading {
        /// Nil when the child and whoever it started have closed it.
        var input: FileDescriptor?
        var tail: [UInt8] = []
        /// On its way to the file.
        var unwritten: [UInt8] = []
        var allowance = LogAllowance()
    }

    /// Of the file; nil when there is none.
    let path: String?
    /// Where the child writes. It is closed by whoever starts the child.
    let output: FileDescriptor
    private let reading: Mutex<Reading>
    private let file: Mutex<RotatingFile?>
    /// Where the file is written, so that its lines keep their order.
    private let queue = DispatchQueue(label: "child-log", qos: .utility)

    /// Bytes that are kept in memory.
    static let tailLimit = 16 << 10
    /// Bytes that are read at once: what a pipe of Linux holds.
    private static let pieceLimit = 64 << 10
    /// Bytes that wait for a slow disk at most.
    private static let unwrittenLimit = 512 << 10

    /// - Parameter file: nil keeps only the last lines, in memory.
    /// - Throws: when no pipe can be made, so that no child could be started either.
    init(file: RotatingFile?) throws(Errno) {
        let (input, output) = try Self.pipe()
        self.output = output
        path = file?.path
        self.file = Mutex(file)
        reading = Mutex(Reading(input: input))
        // A source of Dispatch would do, but one whose pipe is closed while it begins has crashed in libdispatch (Swift 6.3).
        let thread = Thread { [self] in follow(input) }
        thread.name = "child-log"
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Reads until the child and whoever it started have closed their end.
    private func follow(_ input: FileDescriptor) {
        var isOver = false
        while !isOver {
            var waited = pollfd(fd: input.rawValue, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&waited, 1, -1)
            isOver = reading.withLock { Self.read(&$0) }
            queue.sync { write() }
        }
        reading.withLock { $0.input = nil }
        try? input.close()
        queue.sync {
            file.withLock { file in
                file?.close()
                file = nil
            }
        }
    }

    /// The last lines, with what the child has written until now.
    func lines(bytes limit: Int = tailLimit) -> [String] {
        let tail = reading.withLock { reading in
            _ = Self.read(&reading)
            return reading.tail
        }
        queue.async { self.write() }
        let shown = tail.suffix(limit)
        let lines = String(decoding: shown, as: UTF8.self).split(whereSeparator: \.isNewline)
        // The first line of a piece from the middle is not whole.
        return lines.dropFirst(shown.count < tail.count || tail.count == Self.tailLimit ? 1 : 0).map(String.init)
    }

    /// - Returns: whether nothing more will come.
    private static func read(_ reading: inout Reading) -> Bool {
        guard let input = reading.input else { return true }
        var piece = [UInt8](repeating: 0, count: pieceLimit)
        let count: Int
        do {
            count = try unsafe piece.withUnsafeMutableBytes { try unsafe input.read(into: $0, retryOnInterrupt: true) }
        } catch {
            return error as? Errno != .wouldBlock
        }
        guard count > 0 else { return true }
        reading.tail = (reading.tail + piece.prefix(count)).suffix(tailLimit)
        let taken = reading.allowance.take(piece.prefix(count), at: .now)
        if reading.unwritten.count + taken.count <= unwrittenLimit { reading.unwritten += taken }
        return false
    }

    private func write() {
        let bytes = reading.withLock { reading in
            defer { reading.unwritten = [] }
            return reading.unwritten
        }
        if !bytes.isEmpty { file.withLock { $0?.write(bytes) } }
    }

    /// Both ends are ours alone until a child is given one; reading never waits.
    private static func pipe() throws(Errno) -> (input: FileDescriptor, output: FileDescriptor) {
        var ends: [CInt] = [-1, -1]
        guard unsafe Foundation.pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }
}

/// How much a child may write to its file: some at once, and less for ever. What is above it is left out, and said.
struct LogAllowance {
    static let burst = 1 << 20
    static let bytesPerSecond = 32 << 10

    private var left = burst
    private var filledAt: ContinuousClock.Instant?
    private var leftOut = 0

    /// - Returns: what is written of it.
    mutating func take(_ bytes: some Collection<UInt8>, at now: ContinuousClock.Instant) -> [UInt8] {
        let passed = (filledAt?.duration(to: now) ?? .zero) / .seconds(1)
        filledAt = now
        left += Int(min(max(passed, 0) * Double(Self.bytesPerSecond), Double(Self.burst)))
        left = min(left, Self.burst)
        guard bytes.count <= left else {
            leftOut += bytes.count
            return []
        }
        left -= bytes.count
        defer { leftOut = 0 }
        return (leftOut > 0 ? Array("\n(\(leftOut) bytes were left out: too many at once.)\n".utf8) : []) + bytes
    }
}

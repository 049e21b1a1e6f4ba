import Foundation
import Testing

@testable import ProcessLog

@Suite("Lines of the log")
struct LineWriterTests {
    private func notice(_ count: Int) -> String { "\(count) lost\n" }

    /// A pipe, and what is read of it.
    private func pipe() -> (read: CInt, write: CInt) {
        var descriptors: [CInt] = [0, 0]
        #expect(Foundation.pipe(&descriptors) == 0)
        return (descriptors[0], descriptors[1])
    }

    private func readAll(_ descriptor: CInt) -> String {
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }

    @Test("are written whole and in order, and before the process ends")
    func order() {
        let ends = pipe()
        let writer = LineWriter(descriptor: ends.write)
        for number in 0..<100 { writer.write("line \(number)\n", lossNotice: notice) }
        writer.flush()
        close(ends.write)
        #expect(readAll(ends.read) == (0..<100).map { "line \($0)\n" }.joined())
    }

    @Test("never keep anybody waiting who writes them, and those that find no room are counted")
    func fullPipe() async {
        let ends = pipe()
        let writer = LineWriter(descriptor: ends.write)
        let line = String(repeating: "x", count: 1023) + "\n"
        let time = ContinuousClock().measure {
            for _ in 0..<5000 { writer.write(line, lossNotice: notice) }
        }
        // Nobody reads: a pipe takes 64 kB.
        #expect(time < .seconds(5))
        let text = await withCheckedContinuation { continuation in
            Thread {
                continuation.resume(returning: readAll(ends.read))
            }.start()
            Thread {
                writer.flush()
                writer.write("after\n", lossNotice: notice)
                writer.flush()
                close(ends.write)
            }.start()
        }
        let lines = text.split(separator: "\n")
        let lost = lines.compactMap { $0.hasSuffix(" lost") ? Int($0.prefix { $0.isNumber }) : nil }.reduce(0, +)
        #expect(lost > 3000 && lines.last == "after")
        #expect(lines.filter { $0.hasPrefix("x") }.count + lost == 5000)
    }

    @Test("end nobody when the other end is gone")
    func closedPipe() {
        BrokenPipe.ignoreSignal()
        let ends = pipe()
        close(ends.read)
        let writer = LineWriter(descriptor: ends.write)
        for _ in 0..<10 { writer.write("nobody reads this\n", lossNotice: notice) }
        writer.flush()
        close(ends.write)
    }

    @Test("end nobody when the disk is full", .enabled(if: access("/dev/full", W_OK) == 0))
    func fullDisk() {
        let descriptor = open("/dev/full", O_WRONLY)
        let writer = LineWriter(descriptor: descriptor)
        writer.write("no room\n", lossNotice: notice)
        writer.flush()
        var notices: [Int] = []
        writer.write("no room\n") { count in
            notices.append(count)
            return notice(count)
        }
        writer.flush()
        close(descriptor)
        #expect(notices == [1])
    }
}

import NIOCore
import Testing

@testable import MediaServer

@Suite struct DatagramRunTests {
    /// Runs of packets of these sizes, each full of its number, with a gap after each but the last.
    private func runs(_ sizes: [Int], gap: Int) -> [DatagramRun] {
        var all = ByteBuffer()
        for (number, size) in sizes.enumerated() {
            if number > 0 { all.writeRepeatingByte(0xFF, count: gap) }
            all.writeRepeatingByte(UInt8(number & 0x7F), count: size)
        }
        return DatagramRun.runs(of: all, sizes: sizes, gap: gap)
    }

    private static let sizes: [([Int], [Int])] = [
        // Only the last packet of a run may be shorter, and none longer.
        ([1216, 1216, 1216, 300], [4]), ([40, 1216, 1216, 300], [1, 3]), ([1216, 300, 1216], [2, 1]),
        ([300, 300, 301], [2, 1]), ([7], [1]), ([], []),
        (Array(repeating: 10, count: 130), [64, 64, 2]),
        // 61 440 bytes are 50.5 packets.
        (Array(repeating: 1216, count: 101), [50, 50, 1]),
    ]

    @Test(arguments: sizes, [0, 4])
    func asFewAsCanBe(_ example: ([Int], [Int]), gap: Int) {
        let (sizes, counts) = example
        let runs = runs(sizes, gap: gap)
        #expect(runs.map(\.packetCount) == counts)
        #expect(runs.allSatisfy { $0.byteCount <= DatagramRun.byteLimit })
        let packets = runs.flatMap(\.packets)
        #expect(packets.map(\.readableBytes) == sizes)
        for (number, packet) in packets.enumerated() {
            #expect(packet.readableBytesView.allSatisfy { $0 == UInt8(number & 0x7F) })
        }
    }

    @Test(arguments: [0, 4]) func partsAreOfWholePackets(gap: Int) throws {
        var run = try #require(runs([100, 100, 100, 40], gap: gap).first)
        #expect(
            [0, 1, 100, 101, 300, 301, 340, 999].map { run.prefix($0).byteCount } == [
                0, 100, 100, 200, 300, 340, 340, 340,
            ])
        run.removeFirst(200)
        #expect(run.packets.map(\.readableBytes) == [100, 40])
        #expect(run.prefix(1).packets == [ByteBuffer(bytes: [UInt8](repeating: 2, count: 100))])
        run.removeFirst(140)
        #expect(run.packets.isEmpty && run.byteCount == 0)
    }
}

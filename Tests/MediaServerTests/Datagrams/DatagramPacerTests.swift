import NIOCore
import Testing

@testable import MediaServer

@Suite struct DatagramPacerTests {
    private func packet(_ number: Int, size: Int = 1400) -> ByteBuffer {
        ByteBuffer(bytes: [UInt8](repeating: UInt8(number), count: size))
    }

    @Test func spreadsABurstAndKeepsTheOrder() {
        var pacer = DatagramPacer()
        let datagrams = (0..<200).map { packet($0) }
        pacer.append(datagrams.map { DatagramRun($0) })
        var sent: [ByteBuffer] = []
        var now = Duration.seconds(100)
        var bursts: [Int] = []
        while !pacer.isEmpty {
            let before = sent.count
            func send(_ run: DatagramRun) -> Int {
                sent += run.packets
                return run.byteCount
            }
            let delay = pacer.drain(now: now, send)
            #expect(delay == (pacer.isEmpty ? nil : DatagramPacer.interval))
            bursts.append(sent.count - before)
            _ = pacer.drain(now: now + .milliseconds(1), send)
            #expect(sent.count - before == bursts.last)
            now += DatagramPacer.interval
        }
        #expect(sent == datagrams)
        #expect(pacer.queuedByteCount == 0)
        // 64 KiB are 46.8 packets of 1400 bytes: a burst ends with the packet that uses the budget up.
        #expect(bursts == [47, 47, 47, 47, 12])
    }

    @Test("a run that is longer than a burst is sent in parts")
    func partsOfRuns() {
        var pacer = DatagramPacer()
        let packets = (0..<100).map { packet($0) }
        var all = ByteBuffer()
        for var packet in packets { all.writeBuffer(&packet) }
        pacer.append(DatagramRun.runs(of: all, sizes: packets.map(\.readableBytes)))
        var sent: [ByteBuffer] = []
        var bursts: [Int] = []
        for period in 1...3 {
            let before = sent.count
            _ = pacer.drain(now: DatagramPacer.interval * period) { run in
                sent += run.packets
                return run.byteCount
            }
            bursts.append(sent.count - before)
        }
        #expect(bursts == [47, 47, 6] && sent == packets && pacer.isEmpty)
    }

    @Test("what the system has no room for is sent a little later, from where it stopped")
    func noRoom() {
        var pacer = DatagramPacer()
        let packets = (0..<10).map { packet($0) }
        var all = ByteBuffer()
        for var packet in packets { all.writeBuffer(&packet) }
        pacer.append(DatagramRun.runs(of: all, sizes: packets.map(\.readableBytes)))
        var sent: [ByteBuffer] = []
        let first = pacer.drain(now: .seconds(1)) { run in
            sent += run.packets.prefix(3)
            return 3 * 1400
        }
        #expect(first == DatagramPacer.roomInterval && pacer.queuedByteCount == 7 * 1400)
        #expect(pacer.drain(now: .seconds(1)) { _ in 0 } == DatagramPacer.roomInterval)
        let last = pacer.drain(now: .seconds(1)) { run in
            sent += run.packets
            return run.byteCount
        }
        #expect(last == nil && sent == packets && pacer.queuedByteCount == 0)
    }

    @Test func aLittleIsSentAtOnce() {
        var pacer = DatagramPacer()
        for frame in 0..<50 {
            pacer.append([DatagramRun(packet(0, size: 20_000))])
            #expect(pacer.drain(now: .milliseconds(40 * frame + 1000)) { $0.byteCount } == nil)
        }
    }
}

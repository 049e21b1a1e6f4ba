import NIOCore
import Testing

@testable import MediaServer

@Suite struct DatagramPacerTests {
    @Test func spreadsABurstAndKeepsTheOrder() {
        var pacer = DatagramPacer()
        let datagrams = (0..<200).map { ByteBuffer(bytes: [UInt8](repeating: UInt8($0), count: 1400)) }
        pacer.append(datagrams)
        var sent: [ByteBuffer] = []
        var now = Duration.seconds(100)
        var bursts: [Int] = []
        while !pacer.isEmpty {
            let before = sent.count
            while let datagram = pacer.next(now: now) { sent.append(datagram) }
            bursts.append(sent.count - before)
            #expect(pacer.next(now: now + .milliseconds(1)) == nil)
            now += DatagramPacer.interval
        }
        #expect(sent == datagrams)
        #expect(pacer.queuedByteCount == 0)
        // 64 KiB are 46.8 packets of 1400 bytes: a burst ends with the packet that uses the budget up.
        #expect(bursts == [47, 47, 47, 47, 12])
    }

    @Test func aLittleIsSentAtOnce() {
        var pacer = DatagramPacer()
        for frame in 0..<50 {
            pacer.append([ByteBuffer(bytes: [UInt8](repeating: 0, count: 20_000))])
            #expect(pacer.next(now: .milliseconds(40 * frame + 1000)) != nil)
        }
    }
}

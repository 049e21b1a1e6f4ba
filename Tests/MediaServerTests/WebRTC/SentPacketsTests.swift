import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct SentPacketsTests {
    private func feedback(
        first: UInt16, reference: Int32 = 0, _ statuses: [RTCPTransportFeedback.Status]
    ) -> RTCPTransportFeedback {
        RTCPTransportFeedback(
            ssrc: 1, mediaSSRC: 1, firstNumber: first, referenceTime: reference, reportNumber: 0, statuses: statuses)
    }

    @Test func whatArrivedCountsOnce() {
        var packets = SentPackets()
        #expect(packets.take(feedback(first: 0, [.received(delta: 0)])) == .init())
        for index in 0..<4 {
            #expect(packets.append(byteCount: 100 + index, at: .milliseconds(10 * index)) == UInt16(index))
        }
        // By the viewer's clock: number 0 after 50 ms, 2 after 55 ms, which is 20 ms later than it left.
        let report = feedback(first: 0, [.received(delta: 200), .missing(1), .received(delta: 20)])
        #expect(packets.take(report) == .init(byteCount: 202, leastDelay: .milliseconds(35)))
        #expect(packets.take(report) == .init())
        // Late, and another reference: one unit of 64 ms.
        #expect(
            packets.take(feedback(first: 1, reference: 1, [.received(delta: 0)]))
                == .init(byteCount: 101, leastDelay: .milliseconds(54)))
        // A run of those that are missing is counted through.
        #expect(
            packets.take(feedback(first: 1, [.missing(2), .received(delta: 0)]))
                == .init(byteCount: 103, leastDelay: .milliseconds(-30)))
    }

    @Test func numbersAndTheViewersClockWrap() {
        var packets = SentPackets()
        var last: UInt16 = 0
        for _ in 0...65_536 { last = packets.append(byteCount: 1, at: .zero) }
        #expect(last == 0)
        // Of 65 535 and 0; what is longer ago than is kept has its place taken.
        let both: [RTCPTransportFeedback.Status] = [.received(delta: 0), .received(delta: 4)]
        #expect(
            packets.take(feedback(first: 65_535, reference: 0x7F_FFFF, both)).leastDelay
                == .milliseconds(64) * 0x7F_FFFF)
        #expect(
            packets.take(feedback(first: 65_535 - UInt16(SentPackets.limit), reference: 0x7F_FFFF, both)).byteCount == 0
        )
        // The highest number of 24 bits is followed by the lowest.
        _ = packets.append(byteCount: 1, at: .zero)
        #expect(
            packets.take(feedback(first: 1, reference: -0x80_0000, [.received(delta: 0)])).leastDelay
                == .milliseconds(64) * 0x80_0000)
    }
}

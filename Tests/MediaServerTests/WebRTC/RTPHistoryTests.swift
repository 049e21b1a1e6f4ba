import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct RTPHistoryTests {
    private func packet(_ number: UInt16) -> RTPPacket {
        RTPPacket(marker: false, payloadType: 96, sequenceNumber: number, timestamp: 0, ssrc: 1, payload: [1, 2])
    }

    @Test func aPacketIsFoundUntilTheNextHasItsPlace() {
        var history = RTPHistory()
        #expect(history.packet(5, at: .seconds(1)) == nil)
        let limit = UInt16(RTPHistory.packetLimit)
        // Across the wrap of the numbers.
        let first = UInt16.max - 9
        for index in 0..<limit { history.append(packet(first &+ index), at: .zero) }
        #expect(history.packet(first, at: .seconds(1))?.sequenceNumber == first)
        history.append(packet(first &+ limit), at: .zero)
        #expect(history.packet(first, at: .seconds(2)) == nil)
        #expect(history.packet(first &+ limit, at: .seconds(2)) != nil)
        #expect(history.packet(first &+ limit &+ 1, at: .seconds(2)) == nil)
    }

    @Test func whoAsksAtOnceAgainGetsNothing() {
        var history = RTPHistory()
        history.append(packet(7), at: .zero)
        #expect(history.packet(7, at: .milliseconds(9)) == nil)
        #expect(history.packet(7, at: .milliseconds(10)) != nil)
        #expect(history.packet(7, at: .milliseconds(19)) == nil)
        for index in 2...RTPHistory.repetitionLimit { #expect(history.packet(7, at: .milliseconds(10 * index)) != nil) }
        #expect(history.packet(7, at: .seconds(9)) == nil)
    }
}

import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct RTPHistoryTests {
    /// A picture's packets, which have other numbers than those that the viewer gets.
    private func picture(_ count: Int, timestamp: UInt32 = 0) -> ArraySlice<RTPPacket> {
        let packets = (0..<count).map { index in
            RTPPacket(
                marker: index == count - 1, payloadType: 96, sequenceNumber: UInt16(7000 + index), timestamp: timestamp,
                ssrc: 1, payload: [UInt8(index % 256), 2])
        }
        return packets[...]
    }

    @Test("as many packets as are promised are found, across the wrap of their numbers")
    func limit() {
        var history = RTPHistory()
        #expect(history.packet(5, at: .seconds(1)) == nil)
        let limit = RTPHistory.packetLimit
        let first = UInt16.max - 9
        var next = first
        func append(_ count: Int) {
            history.append(picture(count), firstNumber: next, at: .zero)
            next &+= UInt16(count)
        }
        append(5)
        for _ in 0..<(limit - 5) / 3 { append(3) }
        #expect(history.packet(first, at: .seconds(1))?.sequenceNumber == first)
        #expect(history.packet(next &- 1, at: .seconds(1))?.sequenceNumber == next &- 1)
        #expect(history.packet(next, at: .seconds(1)) == nil && history.packet(first &- 1, at: .seconds(1)) == nil)
        // As long as it takes for the first picture to be dispensable, all of it is there.
        while Int(next &- first) < limit + 5 {
            #expect(history.packet(first &+ 4, at: .seconds(Int(next &- first))) != nil)
            append(1)
        }
        #expect(
            history.packet(first, at: .seconds(9999)) == nil && history.packet(first &+ 4, at: .seconds(9999)) == nil)
        for number in 5..<UInt16(limit + 5) {
            #expect(history.packet(first &+ number, at: .seconds(10_000))?.sequenceNumber == first &+ number)
        }
        history.append([], firstNumber: next, at: .zero)
        #expect(history.packet(next, at: .seconds(10_000)) == nil)
    }

    @Test("a packet comes again with the number and the time that the viewer was given")
    func numbers() {
        var history = RTPHistory()
        history.append(picture(3, timestamp: 50), firstNumber: 100, shift: 27, at: .zero)
        // The rest of a part of a picture.
        history.append(picture(4, timestamp: 50)[2...], firstNumber: 103, at: .zero)
        let second = history.packet(101, at: .seconds(1))
        #expect(second?.payload == [1, 2] && second?.timestamp == 77 && second?.marker == false)
        let last = history.packet(104, at: .seconds(1))
        #expect(
            last?.payload == [3, 2] && last?.timestamp == 50 && last?.marker == true && last?.sequenceNumber == 104)
    }

    @Test func whoAsksAtOnceAgainGetsNothing() {
        var history = RTPHistory()
        history.append(picture(2), firstNumber: 7, at: .zero)
        #expect(history.packet(7, at: .milliseconds(9)) == nil && history.missedCount == 0)
        #expect(history.packet(7, at: .milliseconds(10)) != nil)
        #expect(history.packet(7, at: .milliseconds(19)) == nil)
        for index in 2...RTPHistory.repetitionLimit { #expect(history.packet(7, at: .milliseconds(10 * index)) != nil) }
        #expect(history.packet(7, at: .seconds(9)) == nil)
        // Each counts once.
        #expect(history.missedCount == 1)
        #expect(history.packet(8, at: .seconds(9)) != nil && history.missedCount == 2)
    }

    @Test("a number that comes again after a wrap is another packet's")
    func wrap() {
        var history = RTPHistory()
        history.append(picture(1), firstNumber: 7, at: .zero)
        for index in 1...RTPHistory.repetitionLimit { #expect(history.packet(7, at: .seconds(index)) != nil) }
        #expect(history.packet(7, at: .seconds(99)) == nil)
        for number in 8...(7 + 65_536) {
            history.append(picture(1), firstNumber: UInt16(truncatingIfNeeded: number), at: .seconds(99))
        }
        #expect(history.packet(7, at: .seconds(100)) != nil)
    }
}

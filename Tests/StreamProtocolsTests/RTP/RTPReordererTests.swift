import StreamProtocols
import TestSupport
import Testing

@Suite struct RTPReordererTests {
    private func packet(_ number: Int) -> RTPPacket {
        RTPPacket(
            marker: false, payloadType: 96, sequenceNumber: UInt16(truncatingIfNeeded: number), timestamp: 0, ssrc: 1,
            payload: [1])
    }

    /// The numbers that come out, over the wrap.
    private func order(_ numbers: [Int], at now: Duration = .zero) -> [Int] {
        var reorderer = RTPReorderer()
        return numbers.flatMap { reorderer.insert(packet($0), at: now) }.map { Int($0.sequenceNumber) }
    }

    @Test func packetsThatPassedEachOtherAreInOrderAgain() {
        #expect(order([65_534, 0, 65_535, 2, 3, 1, 4]) == [65_534, 65_535, 0, 1, 2, 3, 4])
        #expect(order([10, 14, 13, 12, 11, 15]) == [10, 11, 12, 13, 14, 15])
    }

    @Test func whatComesTwiceOrTooLateIsLeftOut() {
        #expect(order([10, 10, 12, 12, 11, 11, 12, 9, 13]) == [10, 11, 12, 13])
    }

    @Test func aGapIsGivenUpAfterAWhile() throws {
        var reorderer = RTPReorderer()
        #expect(reorderer.deadline == nil)
        _ = reorderer.insert(packet(1), at: .zero)
        #expect(reorderer.insert(packet(3), at: .milliseconds(10)).isEmpty)
        #expect(reorderer.insert(packet(6), at: .milliseconds(30)).isEmpty)
        #expect(reorderer.deadline == .milliseconds(10) + RTPReorderer.patience)
        #expect(reorderer.expire(at: .milliseconds(59)).isEmpty)
        #expect(reorderer.expire(at: .milliseconds(60)).map(\.sequenceNumber) == [3])
        // What comes ends the wait of others too.
        #expect(reorderer.insert(packet(7), at: .milliseconds(80)).map(\.sequenceNumber) == [6, 7])
        #expect(reorderer.deadline == nil)
        #expect(reorderer.insert(packet(5), at: .milliseconds(81)).isEmpty)
    }

    /// What to ask for: over the wrap, the first of them, and nothing once nobody waits for it.
    @Test func tellsWhatIsMissing() {
        var reorderer = RTPReorderer(capacity: 3, patience: .milliseconds(200))
        #expect(reorderer.nextNumber == nil && reorderer.missingNumbers(limit: 10) == [])
        _ = reorderer.insert(packet(65_533), at: .zero)
        #expect(reorderer.nextNumber == 65_534 && reorderer.missingNumbers(limit: 10) == [])
        for number in [2, 65_535, 0] { _ = reorderer.insert(packet(number), at: .zero) }
        #expect(reorderer.missingNumbers(limit: 10) == [65_534, 1])
        #expect(reorderer.missingNumbers(limit: 1) == [65_534])
        #expect(reorderer.deadline == .milliseconds(200))
        #expect(reorderer.insert(packet(65_534), at: .zero).map(\.sequenceNumber) == [65_534, 65_535, 0])
        #expect(reorderer.nextNumber == 1 && reorderer.missingNumbers(limit: 10) == [1])
        #expect(reorderer.expire(at: .milliseconds(200)).map(\.sequenceNumber) == [2])
        #expect(reorderer.missingNumbers(limit: 10) == [])
        // No more wait than may.
        let released = [5, 7, 9, 11].map { reorderer.insert(packet($0), at: .seconds(1)).map(\.sequenceNumber) }
        #expect(released == [[], [], [], [5]])
    }

    @Test func fewWait() {
        let numbers = [1] + Array(3...(3 + RTPReorderer.capacity))
        #expect(order(numbers) == numbers)
        #expect(order(Array(numbers.dropLast())) == [1])
    }

    /// RFC 3550 §A.1
    @Test func aSenderThatBeginsAnewIsFollowed() {
        #expect(order([5000, 5002, 7, 8, 9]) == [5000, 5002, 7, 8, 9])
    }

    @Test func anyOrderComesOutInOrder() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<50 {
            var numbers = Array(65_400..<65_700)
            // Within what may wait.
            for start in stride(from: 1, to: 270, by: 30) { numbers[start..<(start + 30)].shuffle(using: &generator) }
            #expect(order(numbers) == numbers.sorted().map { $0 & 0xFFFF })
        }
        for _ in 0..<50 {
            var reorderer = RTPReorderer()
            var now = Duration.zero
            for _ in 0..<1000 {
                now += .milliseconds(Int.random(in: 0..<9, using: &generator))
                _ = reorderer.insert(packet(Int.random(in: 0..<65_536, using: &generator)), at: now)
                if let deadline = reorderer.deadline { #expect(deadline > now) }
            }
        }
    }
}

@Suite struct RTPReceptionStatisticsTests {
    private func packet(_ number: Int, _ timestamp: UInt32, ssrc: UInt32 = 9) -> RTPPacket {
        RTPPacket(
            marker: false, payloadType: 96, sequenceNumber: UInt16(truncatingIfNeeded: number), timestamp: timestamp,
            ssrc: ssrc, payload: [1])
    }

    @Test func nothingIsReportedOfNobody() {
        var statistics = RTPReceptionStatistics(clockRate: 90_000)
        #expect(statistics.reportBlock(at: .zero) == nil)
    }

    /// By hand, after RFC 3550 §A.3 and §A.8.
    @Test func lossesWrapsAndDelays() throws {
        var statistics = RTPReceptionStatistics(clockRate: 90_000)
        // Ten are expected, of which two don't come, and one comes late.
        for number in [65_530, 65_531, 65_533, 65_532, 65_535, 0, 1, 3] {
            statistics.received(packet(number, 0), at: .zero)
        }
        statistics.received(
            RTCPSenderReport(
                ssrc: 9, ntpTimestamp: NTPTimestamp(rawValue: 0x1111_2222_3333_4444), rtpTimestamp: 0, packetCount: 0,
                octetCount: 0), at: .seconds(2))
        let reported = statistics.reportBlock(at: .milliseconds(2500))
        let first = try #require(reported)
        #expect(first.ssrc == 9 && first.cumulativeLost == 2 && first.fractionLost == 51)
        #expect(first.extendedHighestSequenceNumber == 65_536 + 3)
        #expect(first.lastSenderReport == 0x2222_3333 && first.delaySinceLastSenderReport == 32_768)
        #expect(first.jitter == 0)
        // Since then all have come.
        for number in 4..<14 { statistics.received(packet(number, 0), at: .zero) }
        let reportedLater = statistics.reportBlock(at: .seconds(3))
        let second = try #require(reportedLater)
        #expect(second.fractionLost == 0 && second.cumulativeLost == 2)
        // Somebody else's report is not its own.
        var other = RTPReceptionStatistics(clockRate: 90_000)
        other.received(packet(1, 0, ssrc: 1), at: .zero)
        other.received(
            RTCPSenderReport(
                ssrc: 2, ntpTimestamp: NTPTimestamp(rawValue: .max), rtpTimestamp: 0, packetCount: 0, octetCount: 0),
            at: .zero)
        #expect(other.reportBlock(at: .seconds(1))?.lastSenderReport == 0)
    }

    /// §A.8: J += (|D| − J) / 16; D is 10 ms, 80 ticks of 8 kHz, each time.
    @Test func jitter() throws {
        var statistics = RTPReceptionStatistics(clockRate: 8000)
        for index in 0..<200 {
            statistics.received(
                packet(index, UInt32(index) * 160), at: .milliseconds(20 * index + (index % 2 == 0 ? 0 : 10)))
        }
        let reported = statistics.reportBlock(at: .seconds(4))
        let block = try #require(reported)
        #expect((76...80).contains(block.jitter))
    }

    @Test func anotherSourceBeginsAnew() throws {
        var statistics = RTPReceptionStatistics(clockRate: 90_000)
        for number in [1, 2, 30_000] { statistics.received(packet(number, 0), at: .zero) }
        statistics.received(packet(5, 0, ssrc: 10), at: .zero)
        let reported = statistics.reportBlock(at: .zero)
        let block = try #require(reported)
        #expect(block.ssrc == 10 && block.cumulativeLost == 0 && block.extendedHighestSequenceNumber == 5)
    }

    /// What is sent again under its own number counts as received, however late it comes.
    @Test func nobodyBeginsAnewBySRTP() throws {
        var statistics = RTPReceptionStatistics(clockRate: 90_000, followsRestarts: false)
        for number in [1, 400, 2] { statistics.received(packet(number, 0), at: .zero) }
        let reported = statistics.reportBlock(at: .zero)
        let block = try #require(reported)
        #expect(block.extendedHighestSequenceNumber == 400 && block.cumulativeLost == 397)
    }

    @Test func anythingCanBeReported() {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<200 {
            var statistics = RTPReceptionStatistics(clockRate: UInt32.random(in: .min ... .max, using: &generator))
            for _ in 0..<300 {
                let now = Duration.milliseconds(Int64.random(in: 0..<1 << 40, using: &generator))
                statistics.received(
                    packet(
                        Int.random(in: 0..<65_536, using: &generator), .random(in: .min ... .max, using: &generator)),
                    at: now)
                #expect(statistics.reportBlock(at: now) != nil)
            }
        }
    }
}

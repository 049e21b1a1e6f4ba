import StreamProtocols
import TestSupport
import Testing

@testable import MediaServer

@Suite struct TransportArrivalsTests {
    private func report(_ arrivals: [(number: Int, milliseconds: Int)]) -> [RTCPTransportFeedback] {
        var value = TransportArrivals()
        for (number, time) in arrivals { value.received(UInt16(truncatingIfNeeded: number), at: .milliseconds(time)) }
        return value.takeReports(from: 1, of: 2)
    }

    /// By hand, after the draft's §3.1: 130 ms are two units of 64 ms and eight of 250 µs.
    @Test func tellsWhatCameAndWhen() throws {
        let reports = report([(65_534, 130), (65_535, 131), (2, 133), (1, 134)])
        #expect(
            reports == [
                RTCPTransportFeedback(
                    ssrc: 1, mediaSSRC: 2, firstNumber: 65_534, referenceTime: 2, reportNumber: 0,
                    statuses: [
                        .received(delta: 8), .received(delta: 4), .missing(1), .received(delta: 12),
                        .received(delta: -4),
                    ])
            ])
        // And is read as it was written.
        let bytes = RTCPPacket.serializeCompound(reports.map { .transportFeedback($0) })
        #expect(try RTCPPacket.parseCompound(bytes) == reports.map { .transportFeedback($0) })
        #expect(report([]).isEmpty)
    }

    @Test func eachIsToldOnce() {
        var arrivals = TransportArrivals()
        #expect(arrivals.isEmpty)
        for number in [10, 12, 12] { arrivals.received(UInt16(number), at: .seconds(1)) }
        #expect(!arrivals.isEmpty)
        let first = arrivals.takeReports(from: 1, of: 2)
        #expect(first.map(\.statuses) == [[.received(delta: 160), .missing(1), .received(delta: 0)]])
        #expect(arrivals.isEmpty)
        #expect(arrivals.takeReports(from: 1, of: 2).isEmpty)
        // What was told as missing stays so; what is new begins where the report ended.
        for number in [11, 15] { arrivals.received(UInt16(number), at: .seconds(2)) }
        let second = arrivals.takeReports(from: 1, of: 2)
        #expect(second.map(\.firstNumber) == [13] && second.map(\.reportNumber) == [1])
        #expect(second.first?.statuses.first == .missing(2))
    }

    /// The clock's 24 bits wrap, with a sign.
    @Test func aClockThatHasRunForWeeks() {
        let wrap = RTCPTransportFeedback.referenceUnit * (1 << 23)
        var arrivals = TransportArrivals()
        arrivals.received(1, at: wrap)
        #expect(arrivals.takeReports(from: 1, of: 2).map(\.referenceTime) == [-(1 << 23)])
    }

    @Test func gapsOfAnyLengthFitInDatagrams() {
        let reports = report([(0, 1), (1023, 2), (1024, 3), (30_000, 4), (30_001, 5)])
        #expect(reports.map(\.firstNumber) == [0, 1024, 30_000] && reports.map(\.reportNumber) == [0, 1, 2])
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<3 {
            var arrivals = TransportArrivals()
            var now = Duration.seconds(5)
            var number = UInt16.random(in: .min ... .max, using: &generator)
            for _ in 0..<3000 {
                now += .microseconds(Int.random(in: 0..<90_000, using: &generator))
                number &+= UInt16.random(in: 0..<900, using: &generator)
                arrivals.received(number &- UInt16.random(in: 0..<40, using: &generator), at: now)
                guard arrivals.isFull else { continue }
                for report in arrivals.takeReports(from: 1, of: 2) {
                    let bytes = RTCPPacket.serializeCompound([.transportFeedback(report)])
                    #expect(bytes.count < 1100)
                    #expect((try? RTCPPacket.parseCompound(bytes)) == [.transportFeedback(report)])
                }
            }
        }
    }

    /// What our own sender makes of it: every packet came, and equally fast.
    @Test func isWhatTheOtherSideReads() {
        var sent = SentPackets()
        var arrivals = TransportArrivals()
        var byteCount = 0
        for index in 0..<200 {
            let number = sent.append(byteCount: 1000, at: .milliseconds(index))
            arrivals.received(number, at: .milliseconds(500 + index))
            guard index % 20 == 19 else { continue }
            for report in arrivals.takeReports(from: 1, of: 2) {
                let read = sent.take(report)
                byteCount += read.byteCount
                #expect(read.leastDelay == .milliseconds(500))
            }
        }
        #expect(byteCount == 200_000)
    }
}

import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct WebRTCFeedbackTests {
    private func block(
        ssrc: UInt32 = 1, lost: Int32 = 0, highest: UInt32 = 0, jitter: UInt32 = 0, last: UInt32 = 0, delay: UInt32 = 0
    ) -> RTCPReportBlock {
        RTCPReportBlock(
            ssrc: ssrc, fractionLost: 0, cumulativeLost: lost, extendedHighestSequenceNumber: highest, jitter: jitter,
            lastSenderReport: last, delaySinceLastSenderReport: delay)
    }

    /// RFC 3550 §6.4.1: the time since the report, less what the viewer held it. What the report says is the picture's time.
    @Test func theRoundTripIsFromReportToReport() {
        var feedback = WebRTCFeedback()
        let old = NTPTimestamp(rawValue: 0x0000_1111_2222_0000)
        let new = NTPTimestamp(rawValue: 0x0000_1111_3333_0000)
        feedback.sent(old, of: 1, at: .seconds(10))
        feedback.sent(new, of: 1, at: .seconds(15))
        _ = feedback.take([block(last: 0x9999_9999)], of: [1], at: .seconds(16))
        _ = feedback.take([block()], of: [1], at: .seconds(16))
        #expect(feedback.roundTrip == nil)
        // Half a second of holding.
        _ = feedback.take([block(last: old.middle, delay: 0x8000)], of: [1], at: .milliseconds(10_550))
        #expect(feedback.roundTrip == .milliseconds(50))
        _ = feedback.take([block(last: new.middle, delay: 0x1_0000)], of: [1], at: .milliseconds(16_120))
        #expect(feedback.roundTrip == .milliseconds(120))
        // A clock that is a little fast makes no negative time.
        _ = feedback.take([block(last: new.middle, delay: 0x1_0000)], of: [1], at: .milliseconds(15_999))
        #expect(feedback.roundTrip == .zero)
    }

    @Test func lossIsToldOncePerSecond() {
        var feedback = WebRTCFeedback()
        #expect(feedback.take([block(highest: 1000)], of: [1, 2], at: .zero) == nil)
        #expect(feedback.take([block(lost: 10, highest: 1100)], of: [1, 2], at: .seconds(0.9)) == nil)
        // 10 and 15 of 100 and 100.
        #expect(feedback.take([block(lost: 25, highest: 1200, jitter: 7)], of: [1, 2], at: .seconds(1)) == 0.125)
        #expect(feedback.lostCount == 25 && feedback.jitter(of: 1) == 7 && feedback.jitter(of: 2) == nil)
        // Few packets; then two sources.
        #expect(feedback.take([block(lost: 35, highest: 1210)], of: [1, 2], at: .seconds(3)) == nil)
        let both = [block(lost: 35, highest: 1230), block(ssrc: 2, highest: 50)]
        #expect(feedback.take(both, of: [1, 2], at: .seconds(4)) == 10.0 / 30)
        // Duplicates, and a report that is older than the last.
        #expect(feedback.take([block(lost: -3, highest: 1330)], of: [1, 2], at: .seconds(5)) == 0)
        #expect(feedback.take([block(lost: 90, highest: 1000)], of: [1, 2], at: .seconds(6)) == nil)
    }

    @Test func reportsOfOthersTakeNoMemory() {
        var feedback = WebRTCFeedback()
        _ = feedback.take([block(ssrc: 9, lost: 5, jitter: 3)], of: [1], at: .zero)
        #expect(feedback.lostCount == 0 && feedback.jitter(of: 9) == nil)
    }
}

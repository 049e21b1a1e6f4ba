import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct WebRTCTrackReceiverTests {
    private static let track = WHIPAnswer.Track(
        format: RTPFormat(.h264(nil), payloadType: 96), retransmissionPayloadType: 97, repeatsPackets: true)

    private func packet(_ number: Int, ssrc: UInt32 = 7) -> RTPPacket {
        RTPPacket(
            marker: false, payloadType: 96, sequenceNumber: UInt16(truncatingIfNeeded: number), timestamp: 9,
            ssrc: ssrc, payload: [1, UInt8(truncatingIfNeeded: number)])
    }

    /// A packet sent again, in a stream of its own.
    private func again(_ number: Int) throws -> RTPPacket {
        var bytes: [UInt8] = []
        packet(number).appendRetransmission(
            to: &bytes, payloadType: 97, ssrc: 8, sequenceNumber: 1,
            headerExtension: RTPHeaderExtension(mid: "", id: nil))
        return try RTPPacket(parsing: bytes)
    }

    @Test func whatIsMissingIsAskedForAndTakesItsPlace() throws {
        var receiver = WebRTCTrackReceiver(Self.track)
        let (first, second) = (try again(0), try again(1))
        #expect(receiver.deadline == nil && receiver.ssrc == nil)
        #expect(receiver.receive(packet(65_535), at: .zero) == [packet(65_535)])
        #expect(receiver.receive(packet(2), at: .zero) == [])
        #expect(receiver.ssrc == 7 && receiver.deadline == WebRTCTrackReceiver.settling)
        #expect(receiver.timerFired(at: .milliseconds(19)).missing == [])
        #expect(receiver.timerFired(at: .milliseconds(20)).missing == [0, 1])
        #expect(receiver.deadline == .milliseconds(70))
        #expect(receiver.receive(second, at: .milliseconds(30)) == [])
        #expect(receiver.timerFired(at: .milliseconds(70)).missing == [0])
        #expect(receiver.receive(first, at: .milliseconds(80)) == [packet(0), packet(1), packet(2)])
        #expect(receiver.deadline == nil)
        #expect(receiver.timerFired(at: .seconds(9)).missing == [])
        // Once more, what fills the line, and what nobody waits for.
        var filling = try again(3)
        filling.payload = []
        #expect(receiver.receive(first, at: .seconds(1)) == [])
        #expect(receiver.receive(filling, at: .seconds(1)) == [])
        #expect(receiver.packetCount == 2)
    }

    @Test func whatDoesNotComeIsGivenUp() {
        var receiver = WebRTCTrackReceiver(Self.track)
        _ = receiver.receive(packet(1), at: .zero)
        _ = receiver.receive(packet(3), at: .zero)
        var asked = 0
        var released: [RTPPacket] = []
        while let deadline = receiver.deadline {
            let due = receiver.timerFired(at: deadline)
            asked += due.missing.count
            released += due.packets
        }
        #expect(asked == 4 && released == [packet(3)])
        // It comes after all, and far too late.
        #expect(receiver.receive(packet(2), at: .seconds(1)) == [])
        // No sender begins anew by SRTP.
        #expect(receiver.receive(packet(65_000), at: .seconds(1)) == [])
        #expect(receiver.receive(packet(4), at: .seconds(1)) == [packet(4)])
    }

    /// However long the gap is, little is asked for, and little waits.
    @Test func longGaps() {
        var receiver = WebRTCTrackReceiver(Self.track)
        _ = receiver.receive(packet(0), at: .zero)
        _ = receiver.receive(packet(20_000), at: .zero)
        #expect(receiver.timerFired(at: .milliseconds(20)).missing.count == WebRTCTrackReceiver.missingLimit)
        var released = 0
        for index in 1...WebRTCTrackReceiver.capacity {
            released += receiver.receive(packet(20_000 + index), at: .milliseconds(21)).count
        }
        #expect(released == WebRTCTrackReceiver.capacity + 1)
    }

    @Test func whoSendsNothingAgainIsNotAsked() {
        var receiver = WebRTCTrackReceiver(WHIPAnswer.Track(format: RTPFormat(.opus(channelCount: 2), payloadType: 96)))
        _ = receiver.receive(packet(1), at: .zero)
        _ = receiver.receive(packet(3), at: .zero)
        #expect(receiver.deadline == RTPReorderer.patience)
        let due = receiver.timerFired(at: RTPReorderer.patience)
        #expect(due.missing == [] && due.packets == [packet(3)])
    }

    /// Of several at once, the first is taken.
    @Test func anotherSourceBeginsAnewOnceTheFormerIsSilent() {
        var receiver = WebRTCTrackReceiver(Self.track)
        _ = receiver.receive(packet(1000), at: .zero)
        for (number, time) in [(5, 0), (6, 999)] {
            #expect(receiver.receive(packet(number, ssrc: 9), at: .milliseconds(time)) == [])
            #expect(receiver.receive(packet(996 + number), at: .milliseconds(time)) == [packet(996 + number)])
        }
        #expect(receiver.ssrc == 7 && receiver.packetCount == 3)
        #expect(receiver.receive(packet(5, ssrc: 9), at: .milliseconds(1999)) == [packet(5, ssrc: 9)])
        #expect(receiver.ssrc == 9)
        let report = receiver.makeReport(at: .seconds(3))
        #expect(report?.ssrc == 9 && report?.extendedHighestSequenceNumber == 5 && receiver.report == report)
    }
}

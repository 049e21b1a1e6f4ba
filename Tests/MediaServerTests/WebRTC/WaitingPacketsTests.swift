import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct WaitingPacketsTests {
    private func packets(_ count: Int, payload: Int = 988) -> [RTPPacket] {
        (0..<count).map { index in
            RTPPacket(
                marker: false, payloadType: 96, sequenceNumber: UInt16(index), timestamp: 0, ssrc: 1,
                payload: [UInt8](repeating: 0, count: payload)[...])
        }
    }

    @Test("what waits is taken in order, a part of one picture at a time")
    func parts() {
        var waiting = WaitingPackets()
        #expect(waiting.next(1) == nil && waiting.isEmpty)
        // 1000 bytes each with its header.
        waiting.append(packets(5), byteCount: 5000, track: 0, shift: 9)
        waiting.append(packets(2), byteCount: 2000, track: 1)
        waiting.append([], byteCount: 0, track: 1)
        #expect(waiting.byteCount == 7000)
        var taken: [[UInt16]] = []
        var tracks: [Int] = []
        // What is added when they are sent counts; the packet that uses the limit up goes too, and one goes in any case.
        for limit in [2000, 2 * (1000 + WaitingPackets.overhead), 1, 1_000_000] {
            guard let run = waiting.next(limit) else { break }
            taken.append(run.packets.map(\.sequenceNumber))
            tracks.append(run.track)
            #expect(run.shift == (run.track == 0 ? 9 : 0))
        }
        #expect(taken == [[0, 1], [2, 3], [4], [0, 1]] && tracks == [0, 0, 0, 1])
        #expect(waiting.isEmpty && waiting.byteCount == 0)
        waiting.append(packets(5), byteCount: 5000, track: 0)
        waiting.removeAll()
        #expect(waiting.isEmpty && waiting.byteCount == 0 && waiting.next(1) == nil)
    }

    @Test("nothing that is sent is longer than what is counted for it")
    func overhead() {
        let packet = packets(1, payload: RTPPayloadSize.webRTC)[0]
        var bytes: [UInt8] = []
        packet.append(
            to: &bytes, headerExtension: RTPHeaderExtension(mid: "0123456789abcdef", id: 1, transportNumberID: 2))
        // 16 bytes: the tag of AES-GCM, the longer one of the two (RFC 7714 §6).
        #expect(bytes.count + 16 == packet.byteCount + WaitingPackets.overhead)
    }
}

import NIOEmbedded
import StreamProtocols
import Synchronization
import Testing

@testable import MediaServer

/// What is sent to one viewer, on an event loop that runs when a test lets it.
@Suite struct WebRTCSenderTests {
    private static let offer = """
        v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=ice-ufrag:test\r
        a=ice-pwd:0123456789abcdef012345\r\na=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))\r
        a=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtpmap:96 H264/90000\r
        a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r

        """

    private let loop = NIOAsyncTestingEventLoop()
    private let sender: WebRTCSender
    private let ssrc: UInt32
    /// How often a keyframe was asked for.
    private let wishes = Wishes()

    private final class Wishes: Sendable {
        let count = Atomic(0)
    }

    init() throws {
        let answer = try WebRTCOffer(parsing: [UInt8](Self.offer.utf8)[...]).answer(
            tracks: [MediaFormat(.h264)], local: .random(),
            fingerprint: DTLSFingerprint(sha256OfCertificate: [1, 2, 3]), candidates: [])
        ssrc = try #require(answer.tracks.first?.ssrc)
        sender = WebRTCSender(
            answer, on: WebRTCLoop(loop, clock: EngineClock(eventLoop: loop)), queueLimit: 1 << 20,
            queues: ReaderQueues())
        sender.onEvent = { [wishes] event in
            if case .keyframeWanted(track: 0) = event { wishes.count.add(1, ordering: .relaxed) }
        }
    }

    private var pictureLoss: RTCPPacket {
        .pictureLossIndication(RTCPPictureLossIndication(ssrc: 1, mediaSSRC: ssrc))
    }

    @Test("what a viewer says while its loop has other things to do is kept within a limit")
    func feedbackFlood() async {
        for _ in 0..<10 * WebRTCSender.feedbackLimit { sender.take([pictureLoss]) }
        await loop.run()
        #expect(wishes.count.load(ordering: .relaxed) == WebRTCSender.feedbackLimit)
        // What was lost then is over.
        sender.take([pictureLoss])
        await loop.run()
        #expect(wishes.count.load(ordering: .relaxed) == WebRTCSender.feedbackLimit + 1)
    }

    @Test("a compound asks for a keyframe of a track once, however often it says so")
    func oneKeyframeForACompound() async {
        let entries = (0..<250).map { RTCPFullIntraRequest.Entry(ssrc: ssrc, sequenceNumber: UInt8($0)) }
        sender.take(
            [.fullIntraRequest(RTCPFullIntraRequest(ssrc: 1, entries: entries))]
                + Array(repeating: pictureLoss, count: 50))
        await loop.run()
        #expect(wishes.count.load(ordering: .relaxed) == 1)
        // One of other tracks asks for nothing.
        sender.take([.pictureLossIndication(RTCPPictureLossIndication(ssrc: 1, mediaSSRC: ssrc &+ 1))])
        await loop.run()
        #expect(wishes.count.load(ordering: .relaxed) == 1)
    }
}

import Dispatch
import NIOCore
import NIOPosix
import StreamProtocols
import Synchronization
import Testing

@testable import MediaServer

/// What is sent to one viewer, on an event loop of its own.
@Suite struct WebRTCSenderTests {
    private static let offer = """
        v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=ice-ufrag:test\r
        a=ice-pwd:0123456789abcdef012345\r\na=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))\r
        a=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtpmap:96 H264/90000\r
        a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r

        """

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let loop: any EventLoop
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
        loop = group.next()
        ssrc = try #require(answer.tracks.first?.ssrc)
        sender = WebRTCSender(
            answer, on: WebRTCLoop(loop, clock: EngineClock(eventLoop: loop)), queueLimit: 1 << 20,
            queues: ReaderQueues())
        sender.onEvent = { [wishes] event in
            if case .keyframeWanted(track: 0) = event { wishes.count.add(1, ordering: .relaxed) }
        }
    }

    /// Lets the loop do what it has to, after `body`, during which it does nothing.
    private func whileBusy(_ body: () -> Void) async throws {
        let isDone = DispatchSemaphore(value: 0)
        loop.execute { isDone.wait() }
        body()
        isDone.signal()
        try await loop.submit {}.get()
    }

    private var pictureLoss: RTCPPacket {
        .pictureLossIndication(RTCPPictureLossIndication(ssrc: 1, mediaSSRC: ssrc))
    }

    @Test("what a viewer says while its loop has other things to do is kept within a limit")
    func feedbackFlood() async throws {
        try await whileBusy { for _ in 0..<10 * WebRTCSender.feedbackLimit { sender.take([pictureLoss]) } }
        #expect(wishes.count.load(ordering: .relaxed) == WebRTCSender.feedbackLimit)
        // What was lost then is over.
        try await whileBusy { sender.take([pictureLoss]) }
        #expect(wishes.count.load(ordering: .relaxed) == WebRTCSender.feedbackLimit + 1)
        try await group.shutdownGracefully()
    }

    @Test("a compound asks for a keyframe of a track once, however often it says so")
    func oneKeyframeForACompound() async throws {
        let entries = (0..<250).map { RTCPFullIntraRequest.Entry(ssrc: ssrc, sequenceNumber: UInt8($0)) }
        let compound =
            [.fullIntraRequest(RTCPFullIntraRequest(ssrc: 1, entries: entries))]
            + Array(repeating: pictureLoss, count: 50)
        try await whileBusy { sender.take(compound) }
        #expect(wishes.count.load(ordering: .relaxed) == 1)
        // One of other tracks asks for nothing.
        try await whileBusy {
            sender.take([.pictureLossIndication(RTCPPictureLossIndication(ssrc: 1, mediaSSRC: ssrc &+ 1))])
        }
        #expect(wishes.count.load(ordering: .relaxed) == 1)
        try await group.shutdownGracefully()
    }
}

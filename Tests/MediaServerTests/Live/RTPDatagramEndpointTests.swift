import ConnectionLimits
import NIOCore
import NIOPosix
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

/// The engine's two UDP sockets, which all viewers and publishers by UDP share, on the loopback interface.
@Suite(.timeLimit(.minutes(1))) struct RTPDatagramEndpointTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    @Test("a viewer or publisher that can't be sent to disturbs no other", arguments: ["127.0.0.1", "240.0.0.1"])
    func unreachablePeers(address: String) async throws {
        let viewer = try await DatagramTestPeer()
        let rtp = try await DatagramBinding.open("127.0.0.1:0", key: "rtpAddress", on: loop)
        let rtcp = try await DatagramBinding.open("127.0.0.1:0", key: "rtcpAddress", on: loop)
        // Port 0 is nobody's, and no network leads to 240.0.0.0/4 (RFC 1112 §4).
        let nowhere = try #require(IPAddress(address))
        let here = try #require(IPAddress("127.0.0.1"))
        let ports = viewer.ports
        let report = RTCPPacket.receiverReport(RTCPReceiverReport(ssrc: 7))
        let waiting = try await loop.submit { [loop] in
            let endpoint = RTPDatagramEndpoint(rtp: rtp, rtcp: rtcp)
            let clock = EngineClock(eventLoop: loop)
            let packet = DatagramRun(ByteBuffer(string: "a packet"))
            let compound = RTCPPacket.serializeCompound([report])
            func output(_ peer: IPAddress, _ ports: RTSPTransport.PortPair) throws -> DatagramOutput {
                try #require(
                    DatagramOutput(
                        endpoint: endpoint, peer: peer, rtpPort: ports.rtp, rtcpPort: ports.rtcp, clock: clock,
                        onReport: { _ in }))
            }
            let lost = try output(nowhere, .init(rtp: 0, rtcp: 1))
            let publisher = try #require(
                DatagramInput(
                    endpoint: endpoint, peer: nowhere, ports: .init(rtp: 1, rtcp: 0), clockRate: 90_000,
                    clock: clock, deliver: { _ in }))
            let seen = try output(here, ports)
            lost.send([packet, packet])
            lost.send(report: compound)
            publisher.send(report: compound)
            seen.send([packet])
            seen.send(report: compound)
            return lost.queuedByteCount
        }.get()
        #expect(waiting == 0, "there is nothing to wait for")
        #expect(rtp.channel.isActive && rtcp.channel.isActive)
        #expect(try await viewer.packet() == Array("a packet".utf8))
        #expect(try await viewer.report() == [report])
        for socket in [rtp, rtcp] { try await socket.channel.close() }
        try await viewer.close()
    }
}

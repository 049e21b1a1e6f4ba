import NIOCore
import NIOEmbedded
import StreamModel
import StreamProtocols
import TestSupport
import Testing

@testable import MediaServer

/// The way to a viewer, without a network.
@Suite struct WebRTCTransportTests {
    /// Unchecked: a test uses it on one thread.
    private final class Route: WebRTCRoute, @unchecked Sendable {
        let name = "test"
        let localPort = 1
        var isCongested = false
        private(set) var sent: [ByteBuffer] = []

        func send(_ run: DatagramRun) -> Int {
            sent += run.packets
            return run.byteCount
        }
        func flush() {}
        func assign(to transport: WebRTCTransport) {}
        func release(from transport: WebRTCTransport) {}
    }

    @Test("a viewer that reads nothing is answered no more checks: the answers would pile up")
    func checksOfOneThatDoesNotRead() throws {
        let local = ICECredentials.random()
        let transport = WebRTCTransport(
            directory: WebRTCDirectory(), clock: EngineClock(eventLoop: EmbeddedEventLoop()), local: local,
            remoteUsernameFragment: "viewer", dtls: try DTLSConnection(try DTLSContext()) { _ in true })
        defer { transport.close() }
        let check = try STUNMessage(
            parsing: STUNCheck(
                username: "\(local.usernameFragment):viewer", password: local.password, isNominated: true
            ).serialized()[...])
        let route = Route()
        let source = TransportAddress(IPAddress(ipv4: 0x7F00_0001), port: 9)
        transport.receive(check, from: source, by: route)
        #expect(route.sent.count == 1)
        route.isCongested = true
        for _ in 0..<100 { transport.receive(check, from: source, by: route) }
        #expect(route.sent.count == 1)
        route.isCongested = false
        transport.receive(check, from: source, by: route)
        #expect(route.sent.count == 2)
    }
}

import Logging
import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import ConnectionLimits

@Suite("A TLS handshake has its time")
struct HandshakeLimitsTests {
    private let counter = ConnectionCounter("the test", total: 8, perNetwork: 1, logger: Logger(label: "test"))

    private func connect(from address: String = "192.0.2.1") throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: HandshakeLimits(counter: counter))
        try channel.connect(to: SocketAddress(ipAddress: address, port: 4711)).wait()
        return channel
    }

    @Test("a client that does not finish it is let go")
    func unfinished() throws {
        let channel = try connect()
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive && counter.count == 1)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive && counter.count == 0)
    }

    @Test("afterwards the connection has no end")
    func finished() throws {
        let channel = try connect()
        channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2"))
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive && counter.count == 1)
    }

    @Test("a client with too many connections gets no other one")
    func number() throws {
        let first = try connect()
        #expect(try !connect().isActive && first.isActive && counter.count == 1)
    }
}

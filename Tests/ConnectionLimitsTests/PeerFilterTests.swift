import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import ConnectionLimits

@Suite("A restricted listener")
struct PeerFilterTests {
    @Test(
        "only the allowed peers stay connected",
        arguments: [
            ("172.30.32.2", true), ("::ffff:172.30.32.2", true), ("172.30.32.3", false), ("127.0.0.1", false),
            ("::1", false),
        ])
    func peers(address: String, isAllowed: Bool) throws {
        let peer = try #require(IPNetwork("172.30.32.2"))
        let channel = EmbeddedChannel(
            handler: PeerFilter(AllowedPeers([peer], name: "the test", logger: Logger(label: "test"))))
        try channel.connect(to: SocketAddress(ipAddress: address, port: 4711)).wait()
        #expect(channel.isActive == isAllowed)
    }
}

import Logging
import NIOCore
import Testing

@testable import ConnectionLimits

@Suite("Connections are counted by client and in all")
struct ConnectionCounterTests {
    private let counter = ConnectionCounter("the test", total: 5, perNetwork: 2, logger: Logger(label: "test"))

    private func client(_ address: String) throws -> ClientNetwork {
        try #require(ClientNetwork(SocketAddress(ipAddress: address, port: 4711)))
    }

    @Test(
        "an IPv6 /64 is one client, and so is an IPv4 address, mapped or not",
        arguments: [
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false), ("::1", "127.0.0.1", false),
        ])
    func networks(one: String, other: String, areEqual: Bool) throws {
        #expect(try (client(one) == client(other)) == areEqual)
    }

    @Test("this machine is known by its addresses", arguments: [("127.3.2.1", true), ("::1", true), ("::2", false)])
    func loopback(address: String, isLoopback: Bool) throws {
        #expect(try client(address).isLoopback == isLoopback)
    }

    @Test("a client has its number, and gets room again when one ends")
    func perClient() throws {
        let one = try client("192.0.2.1")
        #expect(counter.enter(one) && counter.enter(one) && !counter.enter(one))
        #expect(counter.enter(try client("192.0.2.2")))
        counter.leave(one)
        #expect(counter.enter(one) && !counter.enter(one))
    }

    @Test("all together have theirs, this machine too, which stands for everybody behind a proxy")
    func inAll() throws {
        let proxy = try client("127.0.0.1")
        for _ in 0..<5 { #expect(counter.enter(proxy)) }
        let other = try client("192.0.2.1")
        #expect(!counter.enter(proxy) && !counter.enter(other) && counter.count == 5)
        for _ in 0..<5 { counter.leave(proxy) }
        #expect(counter.count == 0)
    }
}

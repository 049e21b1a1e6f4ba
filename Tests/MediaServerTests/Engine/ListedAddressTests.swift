import NIOCore
import Testing

@testable import MediaServer

@Suite struct ListedAddressTests {
    /// RFC 3986 §3.2.2: of IPv6 in brackets.
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7:40000"), ("2001:db8::5", "[2001:db8::5]:40000"),
        ("::ffff:192.0.2.7", "192.0.2.7:40000"),
    ])
    func anAddressIsListedWithItsPort(address: String, text: String) throws {
        #expect(try SocketAddress(ipAddress: address, port: 40_000).listed == text)
    }

    @Test func aUnixDomainSocketIsNot() throws {
        #expect(try SocketAddress(unixDomainSocketPath: "/run/engine.sock").listed == nil)
    }
}

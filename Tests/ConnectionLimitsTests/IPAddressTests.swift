import StreamModel
import Testing

@testable import ConnectionLimits

@Suite struct IPNetworkTests {
    @Test(
        "A host that only this machine reaches",
        arguments: [
            ("localhost", true), ("LocalHost", true), ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true),
            ("[::1]", true),
            ("::ffff:127.0.0.1", true), ("[::ffff:127.0.0.1]", true), ("0.0.0.0", false), ("::", false),
            ("[::]", false),
            ("192.168.1.5", false), ("127.example.org", false), ("", false), ("[", false),
            ("::ffff:192.168.1.5", false),
        ])
    func loopbackHosts(_ host: String, _ expected: Bool) { #expect(IPAddress.isLoopback(host: host) == expected) }

    @Test("an interface is found by its addresses and by its name")
    func interfaces() throws {
        let loopback = try #require(IPAddress("127.0.0.1"))
        #expect(InterfaceAddress(ofInterface: "127.0.0.1", isIPv4: true)?.address == loopback)
        let name = try #require(["lo", "lo0"].first { InterfaceAddress(ofInterface: $0, isIPv4: true) != nil })
        let found = try #require(InterfaceAddress(ofInterface: name, isIPv4: true))
        #expect(found.address.isLoopback && found.interfaceIndex > 0)
        #expect(IPAddress(found.socketAddress) == found.address)
        for nothing in ["", "nothing0", "192.0.2.1"] {
            #expect(InterfaceAddress(ofInterface: nothing, isIPv4: true) == nil, "\(nothing)")
        }
        #expect(InterfaceAddress.exists(loopback))
        #expect(!InterfaceAddress.exists(try #require(IPAddress("192.0.2.1"))))
        // Where the machine has IPv6 at all.
        if InterfaceAddress.exists(IPAddress(bits: 1)) {
            // RFC 4291 §2.2: one address has many texts.
            for text in ["::1", "0:0:0:0:0:0:0:1", "0::0001"] {
                #expect(InterfaceAddress(ofInterface: text, isIPv4: false)?.address == IPAddress(bits: 1), "\(text)")
            }
        }
        if let found = InterfaceAddress(ofInterface: name, isIPv4: false) {
            #expect(!found.address.isIPv4 && found.interfaceIndex > 0)
            #expect(InterfaceAddress.exists(found.address))
        }
    }

    @Test(arguments: [
        // RFC 4632 §3.1 and RFC 4291 §2.3 notation.
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.8", false),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "2001:db8::1", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true), ("192.0.2.128/25", "192.0.2.127", false),
    ])
    func contains(network: String, address: String, isInside: Bool) throws {
        let network = try #require(IPNetwork(network))
        let address = try #require(IPAddress(address))
        #expect(network.contains(address) == isInside)
    }

    @Test(arguments: ["", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/33", "::/129", "host", "1.2.3.4/8/9"])
    func malformed(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: ["192.0.2.1", "::1", "2001:db8::8a2e:370:7334"])
    func describesItself(text: String) throws {
        #expect(try #require(IPAddress(text)).description == text)
    }
}

import Testing

@testable import StreamModel

@Suite struct IPAddressTests {
    /// RFC 5952 §4 and §5, RFC 4291 §2.2.
    @Test(arguments: [
        (0x2001_0DB8_0000_0000_0000_0000_0002_0001, "2001:db8::2:1"),
        (0x2001_0DB8_0000_0001_0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"),
        (0x2001_0000_0000_0001_0000_0000_0000_0001, "2001:0:0:1::1"),
        (0x2001_0DB8_0000_0000_0001_0000_0000_0001, "2001:db8::1:0:0:1"),
        (0x2001_0DB8_AAAA_BBBB_CCCC_DDDD_EEEE_AAAA, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
        (0xFE80_0000_0000_0000_0000_0000_0000_0000, "fe80::"), (1, "::1"), (0, "::"),
        (0xFFFF_C000_0201, "192.0.2.1"), (0xFFFF_0000_0000, "0.0.0.0"),
    ])
    func isWrittenAsOthersWriteIt(_ bits: UInt128, _ text: String) {
        #expect(IPAddress(bits: bits).description == text)
    }

    @Test func anIPv4AddressIsOneValueInBothForms() {
        #expect(IPAddress(ipv4: 0xC000_0201) == IPAddress(bits: 0xFFFF_C000_0201))
        #expect(IPAddress(ipv4: 1).isIPv4 && !IPAddress(bits: 1).isIPv4)
    }

    @Test(
        "which addresses mean the same to other machines",
        arguments: [
            (IPAddress(ipv4: 0x7F00_0001), false), (IPAddress(ipv4: 0x7FFF_FFFF), false), (IPAddress(bits: 1), false),
            (IPAddress(ipv4: 0xA9FE_0101), false), (IPAddress(ipv4: 0xA9FF_0101), true),
            (IPAddress(bits: 0xFE80 << 112 | 1), false), (IPAddress(bits: 0xFEBF << 112 | 1), false),
            (IPAddress(bits: 0xFEC0 << 112 | 1), true), (IPAddress(bits: 0xFD00 << 112 | 1), true),
            (IPAddress(ipv4: 0xC0A8_0105), true), (IPAddress(bits: 2), true),
        ])
    func reachable(_ address: IPAddress, _ isReachable: Bool) { #expect(address.isReachable == isReachable) }
}

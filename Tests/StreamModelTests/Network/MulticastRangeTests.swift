import StreamModel
import Testing

@Suite("Ranges of multicast groups")
struct MulticastRangeTests {
    @Test(
        "networks and single groups",
        arguments: [
            ("224.1.0.0/16", 65_536, "224.1.0.0", "224.1.255.255"),
            ("239.255.42.7/24", 256, "239.255.42.0", "239.255.42.255"),
            ("239.255.42.7", 1, "239.255.42.7", "239.255.42.7"), ("239.0.0.1/32", 1, "239.0.0.1", "239.0.0.1"),
            ("232.0.1.0/25", 128, "232.0.1.0", "232.0.1.127"),
            ("ff15::c242:0/112", 65_536, "ff15::c242:0", "ff15::c242:ffff"), ("FF18::7", 1, "ff18::7", "ff18::7"),
            ("ff3e:0:0:0:0:0:8000:0/128", 1, "ff3e::8000:0", "ff3e::8000:0"),
            // Of the rest, only what an Ethernet address has, and of that what servers may choose (RFC 3307 §4.3).
            ("ff15::/16", 2_147_483_648, "ff15::8000:0", "ff15::ffff:ffff"),
            ("ff15:1::/96", 2_147_483_648, "ff15:1::8000:0", "ff15:1::ffff:ffff"),
            ("ff35::/32", 2_147_483_648, "ff35::8000:0", "ff35::ffff:ffff"),
            ("ff15::8000:0/97", 2_147_483_648, "ff15::8000:0", "ff15::ffff:ffff"),
            ("ff15::/98", 1_073_741_824, "ff15::", "ff15::3fff:ffff"),
            ("ff15:1:2:3:4:5:6:7", 1, "ff15:1:2:3:4:5:6:7", "ff15:1:2:3:4:5:6:7"),
        ])
    func groups(text: String, count: Int, first: String, last: String) throws {
        let range = try #require(MulticastRange(text))
        #expect(range.count == count)
        #expect(range[0].description == first && range[count - 1].description == last)
        #expect(range[count] == range[0])
    }

    @Test(
        "what is no range of groups",
        arguments: [
            "", "/", "239.1.1", "239.1.1.1.1", "239.1.1.256", "239.1.1.01", "239.1.1.+1", "239.1.1.1/", "239.1.1.1/x",
            "239.1.1.1/33", "239.1.1.1/3", "239.1.1.1/-1", "239.1.1.1/024", "192.168.1.0/24", "240.0.0.0/8",
            "224.0.0.5", "224.0.0.0/24", "224.0.0.0/8", "ff05::1", " 239.1.1.1", "239.1.1.1 ", "２39.1.1.1",
            // Assigned for good; of no scope, of this machine, of a scope that is reserved; no groups; no addresses.
            "ff05::2:7ffe", "ff10::1", "ff11::1", "ff1f::1", "fe80::1", "::1", "2001:db8::/32", "ff15::/15",
            "ff15::/129", "ff15", "ff15:", "ff15::1::2", "ff15:::1", "ff15::12345", "ff15::+1", "ff15::-0", "ff15::g",
            "ff15::1%eth0", "ff15:1:2:3:4:5:6:7:8", "ff15:1:2:3:4:5:6", "ff15::1:2:3:4:5:6:7", "ff15::239.1.1.1",
            "::ffff:239.1.1.1", "::ffff:ef01:101", "ff15::１",
        ])
    func malformed(text: String) {
        #expect(MulticastRange(text) == nil)
    }

    @Test("groups of one source are those of 232.0.0.0/8 and ff3x::/32")
    func sourceSpecific() throws {
        for (text, whole, partly) in [
            ("232.0.0.0/8", true, true), ("232.255.255.255", true, true), ("232.0.0.0/7", false, true),
            ("231.0.0.0/8", false, false), ("233.0.0.0/24", false, false), ("239.0.0.0/5", false, true),
            ("239.0.0.0/8", false, false), ("ff35::/32", true, true), ("ff3e::8000:0/112", true, true),
            ("ff35::/31", false, true), ("ff35::/16", false, true), ("ff35:1::/32", false, false),
            ("ff35:0:1::/48", true, true), ("ff15::/32", false, false), ("ff35:8000::/17", false, false),
        ] {
            let range = try #require(MulticastRange(text))
            #expect(range.isSourceSpecific == whole && range.hasSourceSpecific == partly, "\(text)")
        }
    }
}

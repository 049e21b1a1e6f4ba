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
        ])
    func malformed(text: String) {
        #expect(MulticastRange(text) == nil)
    }

    @Test("groups of one source are those of 232.0.0.0/8")
    func sourceSpecific() throws {
        for (text, whole, partly) in [
            ("232.0.0.0/8", true, true), ("232.255.255.255", true, true), ("232.0.0.0/7", false, true),
            ("231.0.0.0/8", false, false), ("233.0.0.0/24", false, false), ("239.0.0.0/5", false, true),
            ("239.0.0.0/8", false, false),
        ] {
            let range = try #require(MulticastRange(text))
            #expect(range.isSourceSpecific == whole && range.hasSourceSpecific == partly, "\(text)")
        }
    }
}

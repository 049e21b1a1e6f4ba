import StreamModel
import Testing

@Suite("Multicast in the engine's settings")
struct MulticastSettingsTests {
    private func engine(_ multicast: JSONValue) throws -> EngineSettings {
        try StreamingSettings().patched(with: ["engine": ["multicast": multicast]]).engine
    }

    @Test("nothing is sent by multicast until somebody asks for it, and then inside of the network alone")
    func defaults() throws {
        let multicast = StreamingSettings().engine.multicast
        #expect(!multicast.enabled && multicast.ttl == 1 && !multicast.sourceSpecific && multicast.interface.isEmpty)
        #expect(!multicast.announce)
        #expect(
            try engine([:]).json["multicast"] == [
                "enabled": false, "range": "239.255.42.0/24", "ttl": 1, "port": 5004, "source_specific": false,
                "interface": "", "announce": false,
            ])
    }

    @Test("what a change leaves out stays, and what an answer said may be sent back")
    func merging() throws {
        let first = try StreamingSettings().patched(with: [
            "engine": ["multicast": ["enabled": true, "ttl": 4, "interface": " eth0 "]]
        ])
        #expect(first.engine.multicast.interface == "eth0")
        let second = try first.patched(with: ["engine": ["multicast": ["port": 6000, "interface": ""]]])
        let multicast = second.engine.multicast
        #expect(multicast.enabled && multicast.ttl == 4 && multicast.port == 6000 && multicast.interface.isEmpty)
        let answer = try #require(second.publicJSON["engine"]?["multicast"])
        #expect(try second.patched(with: ["engine": ["multicast": answer]]).engine == second.engine)
        let specific = try engine(["source_specific": true, "range": "232.1.2.0/24", "announce": true])
        #expect(specific.multicast.sourceSpecific && specific.multicast.announce)
        let groupsOfIPv6 = try engine(["range": "ff15::c242:0/112", "interface": "eth0"])
        #expect(groupsOfIPv6.multicast.range == "ff15::c242:0/112")
    }

    @Test(
        "what can't be followed is refused with the field and a sentence",
        arguments: [
            (["range": "10.0.0.0/8"], "range", "multicast_range_wrong"),
            (["range": "239.1.1.0/33"], "range", "multicast_range_wrong"),
            (["source_specific": true], "range", "multicast_range_any_source"),
            (["source_specific": true, "range": "232.0.0.0/7"], "range", "multicast_range_any_source"),
            (["range": "232.1.1.0/24"], "range", "multicast_range_one_source"),
            (["range": "224.0.0.0/4"], "range", "multicast_range_wrong"),
            (["range": "232.0.0.0/6"], "range", "multicast_range_one_source"),
            (["port": 5005], "port", "multicast_port_odd"), (["ttl": 0], "ttl", "field_too_small"),
            (["ttl": 256], "ttl", "field_too_large"), (["port": 65534], "port", "field_too_large"),
            (["interface": "eth 0"], "interface", "multicast_interface_wrong"),
            (["interface": "eth0/1"], "interface", "multicast_interface_wrong"),
            (["range": "ff15::c242:0/112"], "interface", "multicast_interface_missing"),
            (["range": "ff35::/64", "interface": "eth0"], "range", "multicast_range_one_source"),
            (["range": "ff15::/64", "interface": "a", "source_specific": true], "range", "multicast_range_any_source"),
            (["range": "ff02::/64", "interface": "eth0"], "range", "multicast_range_wrong"),
            (["group": 1], "group", "field_unknown"),
        ] as [(JSONValue, String, String)])
    func refused(multicast: JSONValue, field: String, code: String) throws {
        let error = #expect(throws: ValidationError.self) { try engine(multicast) }
        let issue = try #require(error?.issues.first)
        #expect(issue.location == ["body", "engine", "multicast", .member(field)] && issue.coded.code == code)
    }
}

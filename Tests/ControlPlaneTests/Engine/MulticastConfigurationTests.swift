import EngineContract
import StreamModel
import Testing

@testable import ControlPlane

/// What the engine is told of multicast, and the user of what it does not do.
@Suite struct MulticastConfigurationTests {
    private static let wish: JSONValue = [
        "enabled": true, "range": "232.1.2.0/24", "source_specific": true, "port": 6000, "ttl": 3, "interface": "eth0",
        "announce": true,
    ]

    private static let ipv6Wish: JSONValue = ["enabled": true, "range": "ff15::c242:0/112", "interface": "eth0"]

    private func goal(
        exposed: Bool = true, _ multicast: JSONValue = Self.wish, hasPassword: Bool = false
    ) throws -> EngineGoal {
        var stored = StoredConfiguration()
        stored.settings.engine = try EngineSettings(
            json: ["expose_to_lan": .bool(exposed), "multicast": multicast])
        let authentication: JSONValue =
            hasPassword ? ["enabled": true, "username": "viewer", "password": "secret"] : .null
        stored.transmissions = [
            try Sample.transmission(
                "front", outputs: [["id": "r", "protocol": "rtsp", "authentication": authentication]])
        ]
        return EngineGoal(stored)
    }

    private static let builder = EngineConfigurationBuilder(
        apiUser: "u", apiPassword: Secret("p"), reader: .random(), publishSecret: Array(0...31), demandHook: "true")

    private func configuration(_ goal: EngineGoal, _ engine: EngineKind = .builtin) -> EngineConfiguration {
        let ports = PortAssignment(
            ports: EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997), rtp: 50000, warnings: [])
        return Self.builder.configuration(for: goal, ports: ports, engine: engine)
    }

    @Test func theBuiltInEngineFollowsTheSettings() throws {
        let result = configuration(try goal(hasPassword: true))
        #expect(result.rtspTransports == [.udp, .tcp, .multicast])
        #expect(result.multicastIPRange == "232.1.2.0/24" && result.multicastSourceSpecific)
        #expect(result.multicastRTPPort == 6000 && result.multicastRTCPPort == 6001)
        #expect(result.multicastTTL == 3 && result.multicastInterface == "eth0" && result.multicastAnnounce)
        try result.validate()
    }

    @Test func itStaysOffUnlessBothAreSwitchedOn() throws {
        let exposed = configuration(try goal([:]))
        #expect(exposed.rtspTransports == [.udp, .tcp])
        #expect(configuration(try goal(exposed: false)).rtspTransports == [.udp, .tcp])
        // What is not used is no reason to restart an engine.
        #expect(EngineConfigurationChange(from: exposed, to: configuration(try goal(["ttl": 9]))) == .none)
        #expect(EngineConfigurationChange(from: exposed, to: configuration(try goal())) == .restart)
    }

    @Test func mediaMTXIsToldWhatItKnows() throws {
        let result = configuration(try goal(), .mediamtx)
        #expect(result.rtspTransports.contains(.multicast) && result.multicastIPRange == "232.1.2.0/24")
        #expect(result.multicastRTPPort == 6000 && result.multicastRTCPPort == 6001)
        let file = try EngineConfiguration.parse(yaml: result.yaml(for: MediaMTXVersion(1, 16, 2)))
        #expect(file.configuration == result && file.unknownKeys == ["pathDefaults"])
        // It would send what it has asked a password for to everybody.
        #expect(configuration(try goal(hasPassword: true), .mediamtx).rtspTransports == [.udp, .tcp])
    }

    @Test func groupsOfIPv6AreOfTheBuiltInEngineAlone() throws {
        let result = configuration(try goal(Self.ipv6Wish))
        #expect(result.rtspTransports.contains(.multicast) && result.multicastIPRange == "ff15::c242:0/112")
        try result.validate()
        #expect(configuration(try goal(Self.ipv6Wish), .mediamtx).rtspTransports == [.udp, .tcp])
    }

    @Test func aGroupAloneIsWrittenAsANetwork() throws {
        let wish: JSONValue = ["enabled": true, "range": "239.255.42.7"]
        #expect(configuration(try goal(wish), .mediamtx).multicastIPRange == "239.255.42.7/32")
    }

    @Test(
        arguments: [
            (true, [:], false, .builtin, true, nil), (true, wish, false, nil, true, nil),
            (true, wish, true, .builtin, true, nil), (true, wish, false, .builtin, false, "multicast_no_interface"),
            (true, ["enabled": true], false, .builtin, false, nil),
            (false, wish, false, .builtin, true, "multicast_not_exposed"),
            (true, wish, false, .mediamtx, true, "multicast_by_mediamtx"),
            (true, wish, true, .mediamtx, true, "multicast_with_password"),
            (true, ipv6Wish, false, .builtin, true, nil),
            (true, ipv6Wish, false, .builtin, false, "multicast_no_interface"),
            (true, ipv6Wish, false, .mediamtx, true, "multicast_ipv6_by_mediamtx"),
        ] as [(Bool, JSONValue, Bool, EngineKind?, Bool, String?)])
    func warnings(
        exposed: Bool, multicast: JSONValue, hasPassword: Bool, engine: EngineKind?, hasInterface: Bool, code: String?
    ) throws {
        let goal = try goal(exposed: exposed, multicast, hasPassword: hasPassword)
        let warnings = goal.multicastWarnings(by: engine) { name, isIPv4 in
            #expect(name == "eth0" && isIPv4 == (multicast != Self.ipv6Wish))
            return hasInterface
        }
        #expect(warnings.map(\.code) == [code].compactMap(\.self))
    }
}

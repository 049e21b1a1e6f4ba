import EngineContract
import StreamModel
import Testing

@testable import ControlPlane

/// What the file says of WebRTC (contract B.6; keys as in `internal/conf/conf.go` of v1.16.2 and v1.20.1).
@Suite struct WebRTCConfigurationTests {
    private func configuration(
        _ settings: JSONValue = [:], environment: WebRTCAddresses = WebRTCAddresses(), udp: Int? = 8189
    ) throws -> EngineConfiguration {
        var stored = StoredConfiguration()
        stored.settings.engine = try EngineSettings(json: settings)
        let builder = EngineConfigurationBuilder(
            apiUser: "u", apiPassword: Secret("p"), reader: EngineReader(user: "reader", password: Secret("p")),
            publishSecret: Array(0...31), demandHook: "true",
            webRTC: environment)
        let ports = PortAssignment(
            ports: EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997), rtp: 50000, webRTCMedia: udp,
            warnings: []
        )
        return builder.configuration(for: EngineGoal(stored), ports: ports)
    }

    @Test func mediaStaysOnThisMachineUntilItIsExposed() throws {
        #expect(try configuration().webrtcLocalUDPAddress == "127.0.0.1:8189")
        #expect(try configuration(["expose_to_lan": true], udp: 8190).webrtcLocalUDPAddress == ":8190")
        #expect(try configuration().webrtcLocalTCPAddress == "127.0.0.1:8189")
        #expect(try configuration(["expose_to_lan": true], udp: 8190).webrtcLocalTCPAddress == ":8190")
        #expect(try configuration(udp: nil).webrtcLocalTCPAddress == "")
    }

    @Test func theEnvironmentGoesBeforeWhatWeChoose() throws {
        let environment = try WebRTCAddresses(
            additionalHosts: "203.0.113.7; cam.example.org ,2001:db8::1", localUDP: ":8200", localTCP: "0.0.0.0:8201")
        let result = try configuration(
            ["webrtc_additional_hosts": ["CAM.example.org", "10.0.0.2"]], environment: environment, udp: nil)
        #expect(result.webrtcLocalUDPAddress == ":8200" && result.webrtcLocalTCPAddress == "0.0.0.0:8201")
        #expect(result.webrtcAdditionalHosts == ["CAM.example.org", "10.0.0.2", "203.0.113.7", "2001:db8::1"])
    }

    @Test(
        arguments: [
            ("a b", nil, nil), ("x\"y", nil, nil), (nil, "8189", nil), (nil, ":x", nil), (nil, nil, ":70000"),
            (nil, "fe80::1:8189", nil), (nil, "a b:80", nil),
        ] as [(String?, String?, String?)])
    func whatNoEngineWouldTakeIsRefusedAtTheStart(_ hosts: String?, _ udp: String?, _ tcp: String?) {
        let error = #expect(throws: StartupError.self) {
            try WebRTCAddresses(additionalHosts: hosts, localUDP: udp, localTCP: tcp)
        }
        #expect(error?.description.contains("TOPOSYNC_STREAMING_WEBRTC_") == true)
    }

    @Test func addressesWithAnIPv6HostAreTaken() throws {
        #expect(
            try WebRTCAddresses(additionalHosts: nil, localUDP: "[::1]:8189", localTCP: nil).localUDP == "[::1]:8189")
    }

    @Test func turnServersCarryTheirCredentials() throws {
        let result = try configuration([
            "webrtc_ice_servers": [
                "STUN:stun.example.org:3478",
                ["url": "turn:turn.example.org?transport=tcp", "username": "me", "password": "p w/%é"],
                "turn:without.example.org",
            ]
        ])
        // MediaMTX knows schemes in lower case only, and a TURN server without a password ends every session.
        #expect(
            result.webrtcICEServers2.map(\.url) == [
                "stun:stun.example.org:3478", "turn:turn.example.org?transport=tcp",
            ])
        #expect(result.webrtcICEServers2.last?.username == "me" && result.webrtcICEServers2.last?.password == "p w/%é")
        try result.validate()
        let lines = result.yaml(for: MediaMTXVersion(1, 16, 2)).split(separator: "\n")
        #expect(lines.contains("  - password: \"p w/%é\""))
        // The built-in engine reads the same file.
        let read = try EngineConfiguration.parse(yaml: result.yaml(for: MediaMTXVersion(1, 16, 2)))
        #expect(read.configuration == result && read.unknownKeys == ["pathDefaults"])
    }

    @Test func otherServersDisturbNobodyButWebRTC() throws {
        let before = try configuration()
        let after = try configuration(["webrtc_ice_servers": ["stun:x"], "webrtc_additional_hosts": ["h"]])
        #expect(
            EngineConfigurationChange(from: before, to: after)
                == .live([
                    .setWebRTC([ICEServer(url: "stun:x")], additionalHosts: ["h"], users: after.authInternalUsers)
                ]))
    }

    @Test func aTakenMediaPortIsReplacedAndTold() throws {
        let allocator = PortAllocator(
            isFree: { port, kind in !(kind == .udp && port == 8189) }, systemAssigned: { nil })
        let ports = try allocator.assign(preferred: PreferredPorts(), choosesWebRTCMedia: true)
        #expect(ports.webRTCMedia == 8190)
        #expect(ports.warnings.map(\.text) == ["WebRTC media port 8189 unavailable; using 8190."])
        #expect(try allocator.assign(preferred: PreferredPorts()).webRTCMedia == nil)
        let other = PortAllocator(isFree: { port, kind in !(kind == .tcp && port == 8189) }, systemAssigned: { nil })
        #expect(try other.assign(preferred: PreferredPorts(), choosesWebRTCMedia: true).webRTCMedia == 8190)
        #expect(
            try allocator.assign(preferred: PreferredPorts(), kept: ports, choosesWebRTCMedia: true).webRTCMedia == 8190
        )
    }
}

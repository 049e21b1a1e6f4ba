import StreamModel
import Testing

@Suite("ICE servers and additional hosts of the engine's settings")
struct WebRTCSettingsTests {
    private let turn: JSONValue = ["url": "turn:t.example.org:3478", "username": "me", "password": "hunter2"]

    private func engine(_ servers: JSONValue) throws -> EngineSettings {
        try StreamingSettings().patched(with: ["engine": ["webrtc_ice_servers": servers]]).engine
    }

    @Test("an address alone is a text, as in the reference; one with a user is an object without its password")
    func answers() throws {
        let settings = try StreamingSettings().patched(with: [
            "engine": ["webrtc_ice_servers": ["stun:s", turn, "http://dropped", 7]]
        ])
        #expect(
            settings.publicJSON["engine"]?["webrtc_ice_servers"] == [
                "stun:s", ["url": "turn:t.example.org:3478", "username": "me", "password_set": true],
            ])
        // What is stored has it.
        let stored = try StreamingSettings(json: settings.json)
        #expect(stored.engine == settings.engine)
        #expect(stored.engine.webrtcICEServers.last?.password?.exposed == "hunter2")
        #expect(!"\(settings)".contains("hunter2"))
    }

    @Test(
        "a password that an update leaves out stays for the same address, and for no other",
        arguments: [
            (["url": "TURN:t.example.org:3478", "username": "you"], "hunter2"),
            (["url": "turn:t.example.org:3478", "username": "me", "password": "new"], "new"),
            (["url": "turn:t.example.org:3478", "username": "me", "password": ""], nil),
            (["url": "turn:elsewhere.example.org", "username": "me"], nil), ("turn:t.example.org:3478", nil),
        ] as [(JSONValue, String?)])
    func keeping(update: JSONValue, password: String?) throws {
        let before = try StreamingSettings().patched(with: ["engine": ["webrtc_ice_servers": [turn]]])
        let after = try before.patched(with: ["engine": ["webrtc_ice_servers": [update]]])
        #expect(after.engine.webrtcICEServers.first?.password?.exposed == password)
        // Other changes leave it alone.
        let other = try before.patched(with: ["engine": ["expose_to_lan": true]])
        #expect(other.engine.webrtcICEServers.first?.password?.exposed == "hunter2")
    }

    @Test("what an answer said may be sent back")
    func roundTrip() throws {
        let before = try StreamingSettings().patched(with: ["engine": ["webrtc_ice_servers": ["stun:s", turn]]])
        let list = try #require(before.publicJSON["engine"]?["webrtc_ice_servers"])
        #expect(try before.patched(with: ["engine": ["webrtc_ice_servers": list]]).engine == before.engine)
    }

    @Test("a user inside of an address is moved out of it")
    func userInAddress() throws {
        let server = try #require(try engine("turn:me:p@w@t.example.org:3478").webrtcICEServers.first)
        #expect(server.url == "turn:t.example.org:3478")
        #expect(server.username == "me" && server.password?.exposed == "p@w")
    }

    @Test(
        "what no engine would take is refused",
        arguments: [
            ["stun:"], ["turn::3478"], ["stun:a b"], [["url": "http://x"]], [["username": "x"]],
            [["url": "stun:a", "x": 1]],
        ]
            as [JSONValue])
    func refused(servers: JSONValue) {
        #expect(throws: ValidationError.self) { try engine(servers) }
    }

    @Test("a refusal does not repeat passwords")
    func quietRefusal() throws {
        let error = #expect(throws: ValidationError.self) {
            try engine([turn, "stun:"])
        }
        #expect(error.map { !"\($0)".contains("hunter2") && !"\($0.issues)".contains("hunter2") } == true)
    }

    @Test("hosts come as a list or as one text, and null clears them")
    func hosts() throws {
        let settings = try StreamingSettings().patched(with: [
            "engine": ["webrtc_additional_hosts": "10.0.0.2, Cam.local;2001:db8::1,cam.LOCAL"]
        ])
        #expect(settings.engine.webrtcAdditionalHosts == ["10.0.0.2", "Cam.local", "2001:db8::1"])
        let cleared = try settings.patched(with: ["engine": ["webrtc_additional_hosts": nil]])
        #expect(cleared.engine.webrtcAdditionalHosts == [])
        #expect(throws: ValidationError.self) {
            try settings.patched(with: ["engine": ["webrtc_additional_hosts": ["a b"]]])
        }
    }
}

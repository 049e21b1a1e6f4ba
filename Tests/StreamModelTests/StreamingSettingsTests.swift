import StreamModel
import Testing

@Suite("Settings and their patches (contract A.2)")
struct StreamingSettingsTests {
    private func sample() throws -> StreamingSettings {
        try StreamingSettings(json: [
            "transmissions": [["id": "a", "path": "front"]],
            "engine": ["enabled": true, "expose_to_lan": true, "webrtc_ice_servers": ["stun:x"]], "mine": 1,
        ])
    }

    @Test("a patch that breaks uniqueness is a conflict, and changes nothing (a bug of the reference)")
    func conflict() throws {
        let settings = try sample()
        let patch: JSONValue = ["transmissions": [["id": "a", "path": "front"], ["id": "b", "path": "front"]]]
        #expect(throws: StreamingSettings.Conflict.self) { try settings.patched(with: patch) }
    }

    @Test("objects are merged, lists replaced, nulls ignored, unknown top-level fields kept")
    func merging() throws {
        let result = try sample().patched(with: [
            "engine": ["preferred_ports": ["rtsp": 9554], "expose_to_lan": nil],
            "transmissions": [["id": "b", "path": "q"]],
        ])
        #expect(result.engine.enabled && result.engine.exposeToLAN)
        #expect(result.engine.preferredPorts.rtsp == 9554 && result.engine.preferredPorts.hls == 8888)
        #expect(result.transmissions.map(\.id) == ["b"])
        #expect(result.json["mine"] == 1)
    }

    @Test("there are at most 1000 transmissions, and more change nothing")
    func transmissionLimit() throws {
        func patched(_ count: Int) throws -> StreamingSettings {
            try sample().patched(with: [
                "transmissions": .array((0..<count).map { ["id": .string("t\($0)"), "path": .string("p\($0)")] })
            ])
        }
        #expect(try patched(1000).transmissions.count == 1000)
        let error = #expect(throws: ValidationError.self) { try patched(1001) }
        #expect(error?.issues.map(\.message) == ["List should have at most 1000 items, not 1001"])
    }

    @Test("null clears the list of ICE servers")
    func iceServers() throws {
        #expect(try sample().patched(with: ["engine": ["webrtc_ice_servers": nil]]).engine.webrtcICEServers == [])
        let listed = try sample().patched(with: [
            "engine": ["webrtc_ice_servers": "stun:a, TURN:b\nhttp://c,Stun:A"]
        ])
        #expect(listed.engine.webrtcICEServers.map(\.url) == ["stun:a", "TURN:b"])
    }

    @Test(
        "what is wrong in a patch is refused with its place",
        arguments: [
            (["foo": 1], "extra_forbidden", ["body", "foo"]),
            (
                ["engine": ["preferred_ports": ["rtsp": 0]]], "greater_than_equal",
                ["body", "engine", "preferred_ports", "rtsp"]
            ),
            (["engine": ["bar": 1]], "extra_forbidden", ["body", "engine", "bar"]),
            (["camera_ingest": ["x": 1]], "extra_forbidden", ["body", "camera_ingest", "x"]),
            (["engine": ["mediamtx_version": "../../x"]], "value_error", ["body", "engine", "mediamtx_version"]),
            (["transmissions": "x"], "list_type", ["body", "transmissions"]),
            ([1], "model_attributes_type", ["body"]),
        ] as [(JSONValue, String, [LocationComponent])])
    func refused(patch: JSONValue, type: String, location: [LocationComponent]) throws {
        let settings = try sample()
        let error = #expect(throws: ValidationError.self) { try settings.patched(with: patch) }
        #expect(error?.issues.first?.type == type)
        #expect(error?.issues.first?.location == location)
    }

    @Test("two transmissions may not publish on one engine path, however they come to it")
    func enginePaths() throws {
        let settings = try StreamingSettings(json: [
            "transmissions": [
                ["id": "a", "path": "x", "outputs": [["id": "1", "protocol": "hls", "path": "y"]]],
                ["id": "b", "path": "y", "outputs": [["id": "1", "protocol": "hls"]]],
            ]
        ])
        #expect(throws: StreamingSettings.Conflict.self) { try settings.checkUniqueness() }
    }

    @Test("a path may be used once per host")
    func hosts() throws {
        let settings = try StreamingSettings(json: [
            "transmissions": [["id": "a", "path": "x"], ["id": "b", "path": "x", "host_server_id": " Shed "]]
        ])
        #expect(throws: Never.self) { try settings.checkUniqueness() }
        #expect(settings.transmissions[1].hostServerID == "shed")
    }
}

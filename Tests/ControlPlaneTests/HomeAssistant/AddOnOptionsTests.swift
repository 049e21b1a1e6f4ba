import StreamModel
import Testing

@testable import ControlPlane

/// The options of the add-on, as Supervisor writes them.
@Suite struct AddOnOptionsTests {
    @Test func whatIsLeftOutIsLeftToTheSettings() throws {
        // The defaults of the add-on's `config.yaml`.
        let options = try AddOnOptions(json: ["log_level": "info", "expose_to_lan": true, "webrtc_ice_servers": []])
        #expect(
            options.variables == ["TOPOSYNC_STREAMING_LOG_LEVEL": "info", "TOPOSYNC_STREAMING_EXPOSE_TO_LAN": "true"])
    }

    @Test func everyOptionStandsForAVariable() throws {
        let options = try AddOnOptions(json: [
            "log_level": "debug", "engine": "mediamtx", "access": "open", "expose_to_lan": false,
            "webrtc_hosts": ["cam.example.org", "2001:db8::1"],
            "webrtc_ice_servers": [["url": "turn:turn.example.org", "username": "me", "password": "p,\"w"]],
            "certfile": "fullchain.pem", "keyfile": "sub/privkey.pem", "ingress_role": "viewer",
            "ingress_admins": ["ana", "rui"], "home_assistant_users": "nobody",
        ])
        #expect(
            options.variables == [
                "TOPOSYNC_STREAMING_LOG_LEVEL": "debug", "TOPOSYNC_STREAMING_ENGINE_KIND": "mediamtx",
                "TOPOSYNC_STREAMING_INGRESS_ROLE": "viewer", "TOPOSYNC_STREAMING_INGRESS_ADMINS": "ana,rui",
                "TOPOSYNC_STREAMING_HOME_ASSISTANT_USERS": "nobody",
                "TOPOSYNC_STREAMING_ACCESS": "open", "TOPOSYNC_STREAMING_EXPOSE_TO_LAN": "false",
                "TOPOSYNC_STREAMING_WEBRTC_ADDITIONAL_HOSTS": "cam.example.org,2001:db8::1",
                "TOPOSYNC_STREAMING_WEBRTC_ICE_SERVERS":
                    #"[{"password":"p,\"w","url":"turn:turn.example.org","username":"me"}]"#,
                "TOPOSYNC_STREAMING_TLS_CERTIFICATE": "/ssl/fullchain.pem",
                "TOPOSYNC_STREAMING_TLS_KEY": "/ssl/sub/privkey.pem",
            ])
        // What reads the variables takes them as they are.
        let variables = options.variables
        let hosts = try WebRTCAddresses(
            additionalHosts: variables["TOPOSYNC_STREAMING_WEBRTC_ADDITIONAL_HOSTS"], localUDP: nil, localTCP: nil)
        #expect(hosts.additionalHosts == ["cam.example.org", "2001:db8::1"])
        var stored = StoredConfiguration()
        try GivenEngineSettings(
            kind: variables["TOPOSYNC_STREAMING_ENGINE_KIND"],
            exposeToLAN: variables["TOPOSYNC_STREAMING_EXPOSE_TO_LAN"],
            iceServers: variables["TOPOSYNC_STREAMING_WEBRTC_ICE_SERVERS"]
        ).apply(to: &stored)
        #expect(stored.settings.engine.kind == .mediamtx)
        #expect(stored.settings.engine.webrtcICEServers.first?.password?.exposed == "p,\"w")
    }

    @Test(
        arguments: [
            (["log_level": "loud"], "log_level"), (["engine": "vlc"], "engine"), (["access": 1], "access"),
            (["expose_to_lan": "perhaps"], "expose_to_lan"), (["webrtc_hosts": ["a b"]], "webrtc_hosts"),
            (["webrtc_hosts": 5], "webrtc_hosts"),
            (["webrtc_ice_servers": [["url": "http://x"]]], "webrtc_ice_servers"),
            (["webrtc_ice_servers": [["username": "u"]]], "webrtc_ice_servers"),
            (["certfile": "fullchain.pem"], "certfile"), (["keyfile": "k.pem"], "keyfile"),
            (["certfile": "../data/x", "keyfile": "k"], "certfile"),
            (["certfile": "c", "keyfile": "/etc/k"], "keyfile"),
            (["ingress_role": "root"], "ingress_role"), (["ingress_admins": ["a,b"]], "ingress_admins"),
            (["home_assistant_users": "some"], "home_assistant_users"), (["colour": "blue"], "colour"),
        ] as [(JSONValue, String)])
    func whatIsWrongIsNamed(_ json: JSONValue, _ option: String) {
        let error = #expect(throws: StartupError.self) { try AddOnOptions(json: json) }
        #expect(error?.description.hasPrefix("The option '\(option)' is wrong: ") == true)
        #expect(error?.description.hasSuffix(".") == true)
    }

    @Test func noPasswordStandsInASentence() {
        let error = #expect(throws: StartupError.self) {
            try AddOnOptions(json: ["webrtc_ice_servers": [["url": "nothing", "password": "hunter2"]]])
        }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func aFileThatIsNoneIsToldByItsName() throws {
        let folder = TemporaryFolder()
        for (name, text) in [("a.json", "not json"), ("b.json", "[]"), ("c.json", "")] {
            let file = try folder.write(name, text)
            let error = #expect(throws: StartupError.self) { try AddOnOptions(file: file) }
            #expect(error?.description.contains(file) == true)
        }
        let error = #expect(throws: StartupError.self) { try AddOnOptions(file: folder.path + "/missing.json") }
        #expect(error?.description.contains("/missing.json") == true)
        let file = try folder.write("options.json", #"{"log_level": "warning"}"#)
        #expect(try AddOnOptions(file: file).variables == ["TOPOSYNC_STREAMING_LOG_LEVEL": "warning"])
    }
}

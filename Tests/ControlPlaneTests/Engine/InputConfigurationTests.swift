import EngineContract
import StreamModel
import Testing

@testable import ControlPlane

@Suite struct InputConfigurationTests {
    private let builder = EngineConfigurationBuilder(
        apiUser: "us", apiPassword: Secret("secret"), reader: .random(), publishSecret: Array(0...31),
        demandHook: "hook")
    private let ports = PortAssignment(
        ports: EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997), rtp: 50000, warnings: [])

    private func stored(_ key: String? = "key-of-phone") throws -> StoredConfiguration {
        var stored = StoredConfiguration()
        let camera = try Camera(json: ["id": "c", "name": "Phone", "url": "input:phone", "password": JSONValue(key)])
        stored.cameras = [camera, try Camera(json: ["id": "d", "name": "Other", "url": "rtsp://cam/1"])]
        return stored
    }

    @Test func aProgramMayPublishWithTheKeyAloneAndOnlyWorkersRead() throws {
        let result = builder.configuration(for: EngineGoal(try stored()), ports: ports)
        #expect(result.paths["input/phone"] == PathConfiguration() && result.paths.count == 2)
        let users = result.authInternalUsers.filter { $0.permissions.contains { $0.path == "input/phone" } }
        let publisher = try #require(users.first { $0.permissions[0].action == .publish })
        #expect(users.count == 2 && publisher.ips.isEmpty && publisher.permissions.count == 1)
        #expect(HashedCredential.matches("phone", entry: publisher.user))
        #expect(HashedCredential.matches("key-of-phone", entry: publisher.pass))
        let reader = try #require(users.first { $0.permissions[0].action == .read })
        #expect(reader.ips == AuthInternalUser.loopback && reader.permissions.count == 1)
        #expect(!result.yaml.contains("key-of-phone"))
        #expect(try EngineConfiguration.parse(yaml: result.yaml).configuration == result)
        // A worker reads it as that user.
        let opened = try #require(try stored().cameras.first).opened(rtspPort: 8554, publishSecret: Array(0...31))
        #expect(opened.url == "rtsp://127.0.0.1:8554/input/phone" && opened.transport == .tcp)
        #expect(opened.username == reader.user && opened.password?.exposed == reader.pass)
    }

    /// As OBS and others ask for them.
    @Test func whereToSend() throws {
        let camera = try #require(try stored().cameras.first)
        let addresses = InputAddresses(
            input: try #require(EngineInput(camera)), host: "::1", rtspPort: 1, rtmpPort: 2, webRTCPort: 3,
            isSecure: true, srtPort: 4, srtHasPassphrase: false, engineIsRunning: true, isReceiving: false)
        let json = try #require(addresses.json.objectValue)
        #expect(json["rtsp_url"] == "rtsp://phone:key-of-phone@[::1]:1/input/phone")
        #expect(json["rtmp_server"] == "rtmp://[::1]:2/input")
        #expect(json["rtmp_stream_key"] == "phone?user=phone&pass=key-of-phone")
        #expect(json["whip_url"] == "https://[::1]:3/input/phone/whip")
        #expect(json["whip_token"] == "phone:key-of-phone")
    }

    @Test func nobodyPublishesWithoutAKey() throws {
        let result = builder.configuration(for: EngineGoal(try stored(nil)), ports: ports)
        let actions = result.authInternalUsers.flatMap(\.permissions).filter { $0.path == "input/phone" }.map(\.action)
        #expect(actions == [.read])
    }

    @Test func rtmpIsListenedOnFromTheFirstInputOn() throws {
        let none = builder.configuration(for: EngineGoal(StoredConfiguration()), ports: ports)
        let one = builder.configuration(for: EngineGoal(try stored()), ports: ports)
        #expect(!none.rtmp && one.rtmp && one.rtmpAddress == "127.0.0.1:1935")
        #expect(EngineConfigurationChange(from: none, to: one) == .restart)
    }

    @Test func srtIsListenedOnFromTheFirstInputOnAsTheSettingsSay() throws {
        var settings = try stored()
        let plain = builder.configuration(for: EngineGoal(settings), ports: ports)
        #expect(plain.srt && plain.srtAddress == "127.0.0.1:8890" && plain.srtLatency == .milliseconds(120))
        settings.settings.engine.srt.latencyMilliseconds = 500
        settings.settings.engine.srt.passphrase = Secret("ten-or-more")
        let result = builder.configuration(for: EngineGoal(settings), ports: ports)
        #expect(result.srtLatency == .milliseconds(500))
        #expect(result.paths["input/phone"]?.srtPublishPassphrase?.exposed == "ten-or-more")
        #expect(result.paths[EngineStatus.testPath]?.srtPublishPassphrase == nil)
        #expect(EngineConfigurationChange(from: plain, to: result) == .restart)
        // MediaMTX is told all but the latency, which it does not know, and needs no restart for another passphrase.
        let theirs = builder.configuration(for: EngineGoal(settings), ports: ports, engine: .mediamtx)
        #expect(theirs.srt && theirs.srtLatency == .milliseconds(120) && theirs.paths == result.paths)
        guard case .live(let changes) = EngineConfigurationChange(from: plain, to: theirs) else {
            Issue.record("another passphrase restarts the engine")
            return
        }
        #expect(changes.count == 1)
        // What nobody uses is no reason to restart an engine.
        settings.cameras = []
        let none = builder.configuration(for: EngineGoal(settings), ports: ports)
        #expect(!none.srt && none.srtLatency == .milliseconds(120))
    }

    @Test func theAddressIsWhatProgramsAskFor() throws {
        let input = try #require(try stored().inputs.first)
        var addresses = InputAddresses(
            input: input, host: "host", rtspPort: 8554, rtmpPort: 1935, webRTCPort: 8889, isSecure: false,
            srtPort: 8890, srtHasPassphrase: true, engineIsRunning: true, isReceiving: false)
        #expect(addresses.json["srt_stream_id"] == "publish:input/phone:phone:key-of-phone")
        #expect(
            addresses.json["srt_url"]
                == "srt://host:8890?streamid=publish:input/phone:phone:key-of-phone&pkt_size=1316")
        #expect(addresses.json["srt_passphrase_set"] == true)
        addresses.host = "fd00::1"
        #expect(addresses.json["srt_url"]?.stringValue?.hasPrefix("srt://[fd00::1]:8890?") == true)
    }

    @Test func aFurtherInputIsAddedAndGetsAnotherKeyWithoutARestart() throws {
        var first = StoredConfiguration()
        first.cameras = [
            try Camera(json: ["id": "f", "name": "First", "url": "input:first", "password": "key-of-first"])
        ]
        let before = builder.configuration(for: EngineGoal(first), ports: ports)
        var both = try stored()
        both.cameras = first.cameras + both.cameras
        let after = builder.configuration(for: EngineGoal(both), ports: ports)
        let added = EngineConfigurationChange(from: before, to: after)
        #expect(
            added
                == .live([.setUsers(after.authInternalUsers), .addPath("input/phone", PathConfiguration())]))
        both.cameras = first.cameras + (try stored("another-key")).cameras
        let other = builder.configuration(for: EngineGoal(both), ports: ports)
        guard case .live(let changes) = EngineConfigurationChange(from: after, to: other) else {
            Issue.record("a new key restarts the engine")
            return
        }
        #expect(changes.first == .setUsers(other.authInternalUsers))
    }

    @Test func twoCamerasAreNeverOneInput() throws {
        var stored = try stored()
        try stored.checkInputs()
        stored.cameras.append(try Camera(json: ["id": "e", "name": "Tablet", "url": "input:phone"]))
        #expect(throws: ControlPlaneError.self) { try stored.checkInputs() }
    }

    @Test func anInputWithoutAKeyGetsOneThatIsUsable() throws {
        let camera = try Camera(json: ["name": "Phone", "url": "input:phone"])
        let key = try #require(camera.givingKey().password?.exposed)
        #expect(InputKey.isUsable(key) && key.utf8.count == 24 && key != camera.givingKey().password?.exposed)
        #expect(try Camera(json: ["name": "x", "url": "rtsp://cam/1"]).givingKey().password == nil)
    }
}

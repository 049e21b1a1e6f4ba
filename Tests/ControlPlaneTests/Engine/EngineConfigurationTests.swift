import EngineContract
import StreamModel
import Testing

@testable import ControlPlane

@Suite struct EngineConfigurationTests {
    private let builder = EngineConfigurationBuilder(
        apiUser: "us", apiPassword: Secret("secret"), reader: .random(),
        publishSecret: Array(0...31),
        demandHook: EngineConfigurationBuilder.demandHook(executable: "/opt/my app/\"x\"", socket: "/run/d.sock"))
    private let ports = PortAssignment(
        ports: EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997), rtp: 50000, warnings: [])

    private func goal(_ transmissions: [Transmission], exposed: Bool = false) -> EngineGoal {
        var stored = StoredConfiguration()
        stored.settings.engine.exposeToLAN = exposed
        stored.transmissions = transmissions
        return EngineGoal(stored)
    }

    private func configuration(_ transmissions: [Transmission], exposed: Bool = false) -> EngineConfiguration {
        builder.configuration(for: goal(transmissions, exposed: exposed), ports: ports)
    }

    @Test func thePublishersPasswordsAreThoseOfTheReference() throws {
        // Contract G, "Publish credentials", secret 00 01 … 1f.
        let users = configuration([try Sample.transmission("front-door")]).authInternalUsers
        let publisher = try #require(users.first { $0.user == "pub_c3bbb75eb779" })
        #expect(publisher.pass == "44e4b76bd5921a19a59bf80530908160")
        #expect(publisher.permissions == [AuthPermission(action: .publish, path: "front-door")])
        #expect(publisher.ips == ["127.0.0.1", "::1"])
    }

    @Test func withACertificateWebPlayersGetTLSAloneAndRTSPPlayersMayChoose() {
        var builder = builder
        var ports = ports
        ports.secure = PortAssignment.Secure(rtsps: 8322, srtp: 8004)
        #expect(configuration([]).rtspEncryption == .no && !configuration([]).hlsEncryption)
        builder.certificate = CertificateFiles(certificate: "/ssl/a.pem", key: "/ssl/a.key")
        let result = builder.configuration(for: goal([]), ports: ports)
        #expect(result.rtspEncryption == .optional && result.rtspsAddress == "127.0.0.1:8322")
        #expect(result.srtpAddress == "127.0.0.1:8004" && result.srtcpAddress == "127.0.0.1:8005")
        #expect(result.hlsEncryption && result.webrtcEncryption)
        let certificates = [result.rtspServerCert, result.hlsServerCert, result.webrtcServerCert]
        let keys = [result.rtspServerKey, result.hlsServerKey, result.webrtcServerKey]
        #expect(Set(certificates) == ["/ssl/a.pem"] && Set(keys) == ["/ssl/a.key"])
    }

    @Test func theControlAPIIsNeverOpenToTheNetwork() throws {
        let open = configuration([], exposed: true)
        #expect(open.rtspAddress == ":8554" && open.hlsAddress == ":8888" && open.rtpAddress == ":50000")
        #expect(open.apiAddress == "127.0.0.1:9997")
        #expect(configuration([]).rtspAddress == "127.0.0.1:8554")
    }

    @Test func protectedPathsAskAndOpenOnesDoNot() throws {
        let closed = try Sample.transmission(
            "closed",
            outputs: [
                [
                    "id": "r", "protocol": "rtsp",
                    "authentication": ["enabled": true, "username": "é:x", "password": "p/%"],
                ]
            ])
        let users = configuration([closed, try Sample.transmission("open")]).authInternalUsers
        let anyone = try #require(users.first { $0.user == AuthInternalUser.anyone })
        #expect(Set(anyone.permissions.map(\.path)) == ["open", "test"])
        let reader = try #require(users.last)
        #expect(HashedCredential.matches("é:x", entry: reader.user))
        #expect(HashedCredential.matches("p/%", entry: reader.pass))
        #expect(Set(reader.permissions.map(\.path)) == ["closed"])
        // Neither the name nor the password is in the file.
        #expect(!configuration([closed]).yaml.contains("p/%"))
    }

    @Test func hlsThatAsksForLessDelayOrH265HasItsPathPackedSo() throws {
        let outputs: [JSONValue] = [
            ["id": "a", "protocol": "hls"], ["id": "b", "protocol": "hls", "latency_profile": "low"],
            ["id": "c", "protocol": "hls", "latency_profile": "ultra_low"],
            ["id": "d", "protocol": "rtsp", "latency_profile": "low", "fps_limit": 7],
            ["id": "e", "protocol": "hls", "codec": "h265"],
            ["id": "f", "protocol": "hls", "codec": "h265", "latency_profile": "low"],
        ]
        let cameras = goal([try Sample.transmission("cam", outputs: .array(outputs))])
        let variants = builder.configuration(for: cameras, ports: ports).paths.mapValues(\.hlsVariant)
        #expect(
            variants == [
                "cam-a": nil, "cam-b": .lowLatency, "cam-c": .lowLatency, "cam-d": nil, "cam-e": .fmp4,
                "cam-f": .lowLatency, "test": nil,
            ])
        // MediaMTX has one way for all paths.
        let mediaMTX = builder.configuration(for: cameras, ports: ports, engine: .mediamtx)
        #expect(mediaMTX.hlsVariant == .mpegts && mediaMTX.paths.values.allSatisfy { $0.hlsVariant == nil })
    }

    @Test func onlyWhatIsSwitchedOnAndHostedHereIsOffered() throws {
        let off = try Sample.transmission("off", enabled: false)
        var elsewhere = try Sample.transmission("elsewhere")
        elsewhere.hostServerID = "attic"
        #expect(Set(configuration([off, elsewhere]).paths.keys) == ["test"])
    }

    @Test func theServerItselfReadsEverythingFromLoopbackAlone() throws {
        let configuration = configuration([try Sample.transmission("on")])
        let reader = try #require(
            configuration.authInternalUsers.first { HashedCredential.matches(builder.reader.user, entry: $0.user) })
        #expect(HashedCredential.matches(builder.reader.password.exposed, entry: reader.pass))
        #expect(reader.ips == AuthInternalUser.loopback)
        #expect(reader.permissions == [AuthPermission(action: .read)])
        #expect(!configuration.yaml.contains(builder.reader.password.exposed))
        #expect(!configuration.yaml.contains(builder.reader.user))
    }

    @Test func noForeignPageReadsWhatIsNotConfigured() throws {
        let closed = configuration([])
        #expect(closed.hlsAllowOrigins == [] && closed.webrtcAllowOrigins == [])
        #expect(try EngineConfiguration.parse(yaml: closed.yaml).configuration.hlsAllowOrigins == [])
        var builder = builder
        builder.allowedOrigins = ["https://dash.example"]
        let open = builder.configuration(for: goal([]), ports: ports)
        #expect(open.hlsAllowOrigins == builder.allowedOrigins && open.webrtcAllowOrigins == builder.allowedOrigins)
    }

    @Test func theHookSurvivesSpacesAndQuotes() {
        #expect(builder.demandHook == #""/opt/my app/\"x\"" demand-hook --socket "/run/d.sock""#)
    }

    @Test func theFileIsReadBackAsItWas() throws {
        let configuration = configuration([try Sample.transmission("on")])
        #expect(try EngineConfiguration.parse(yaml: configuration.yaml).configuration == configuration)
    }

    // MARK: Changes

    @Test func nothingChangesNothing() throws {
        let same = configuration([try Sample.transmission("a")])
        #expect(EngineConfigurationChange(from: same, to: same) == .none)
    }

    @Test func aNewTransmissionIsAddedAlive() throws {
        let a = try Sample.transmission("a")
        let before = configuration([a])
        let after = configuration([try Sample.transmission("b"), a])
        let path = try #require(after.paths["b"])
        #expect(
            EngineConfigurationChange(from: before, to: after)
                == .live([.setUsers(after.authInternalUsers), .addPath("b", path)]))
        #expect(
            EngineConfigurationChange(from: after, to: before)
                == .live([.setUsers(before.authInternalUsers), .deletePath("b")]))
    }

    @Test func whoMayNotReadAnyMoreIsShownOut() throws {
        func front(_ password: String?) throws -> Transmission {
            try Sample.transmission(
                "front",
                outputs: [
                    [
                        "id": "r", "protocol": "rtsp",
                        "authentication": password.map {
                            ["enabled": true, "username": "u", "password": .string($0)]
                        } ?? .null,
                    ]
                ])
        }
        func ended(_ old: String?, _ new: String?, everybody: Bool = true) throws -> [LiveEngineChange] {
            let change = EngineConfigurationChange(
                from: configuration([try front(old)]), to: configuration([try front(new)]),
                endsWithdrawnReaders: everybody)
            guard case .live(let changes) = change else { return [] }
            return changes.filter {
                switch $0 {
                case .endReaders: true
                default: false
                }
            }
        }
        // The built-in engine ends them by itself, all but those whom the server has let in and ends.
        #expect(try ended("a", "b", everybody: false) == [])
        #expect(try ended(nil, "a") == [.endReaders(of: ["front"])])
        #expect(try ended("a", "b") == [.endReaders(of: ["front"])])
        // Who came in with a password may stay when none is asked for.
        #expect(try ended("a", nil) == [])
        #expect(try ended("a", "a") == [])
        // Another path's reader does not matter.
        let before = configuration([try front("a")])
        let after = configuration([try front("a"), try Sample.transmission("other")])
        let path = try #require(after.paths["other"])
        #expect(
            EngineConfigurationChange(from: before, to: after, endsWithdrawnReaders: true)
                == .live([.setUsers(after.authInternalUsers), .addPath("other", path)]))
    }

    @Test func otherListenersNeedARestart() throws {
        let a = [try Sample.transmission("a")]
        #expect(EngineConfigurationChange(from: configuration(a), to: configuration(a, exposed: true)) == .restart)
    }

    @Test func aChangedPathIsReplaced() throws {
        let before = configuration([try Sample.transmission("a")])
        var after = before
        after.paths["a"]?.maxReaders = 3
        let path = try #require(after.paths["a"])
        #expect(EngineConfigurationChange(from: before, to: after) == .live([.replacePath("a", path)]))
    }
}

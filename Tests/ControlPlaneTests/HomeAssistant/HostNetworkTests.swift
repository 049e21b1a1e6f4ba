import Logging
import NIOHTTP1
import StreamModel
import Testing

@testable import ControlPlane

/// What Supervisor says of the host; answers as in its own sources (`supervisor/api/network.py`, `supervisor/api/apps.py`).
@Suite struct HostNetworkTests {
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static let interface = #"""
        {"result": "ok", "data": {"interface": "end0", "primary": true,
          "ipv4": {"method": "auto", "address": ["192.168.1.5/24", "169.254.7.7/16"], "gateway": "192.168.1.1"},
          "ipv6": {"method": "auto", "address": ["fe80::aaaa/64", "2001:db8::5/64"]}}}
        """#
    private static let addOn = #"""
        {"result": "ok", "data": {"slug": "x", "network": {"18762/udp": 18762, "18762/tcp": null, "8554/tcp": 9554}}}
        """#

    private func network(_ respond: @escaping LocalServer.Responder) async throws -> (HostNetwork, LocalServer) {
        let server = try await LocalServer(respond)
        return (HostNetwork(SupervisorClient(baseURL: server.url, token: "t"), logger: logger), server)
    }

    private static func reply(_ request: LocalServer.Request) -> LocalServer.Reply {
        switch request.path {
        case "/network/interface/default/info": LocalServer.Reply(body: Array(interface.utf8))
        case "/addons/self/info": LocalServer.Reply(body: Array(addOn.utf8))
        default: .notFound
        }
    }

    @Test func addressesThatOthersReachAreFound() async throws {
        let (network, server) = try await network(Self.reply)
        #expect(await network.refresh())
        #expect(network.current.addresses == ["192.168.1.5", "2001:db8::5"] && network.current.interface == "end0")
        #expect(network.current.mappedPorts == ["18762/udp": 18762, "18762/tcp": nil, "8554/tcp": 9554])
        #expect(await network.refresh() == false, "nothing is other than before")
        withExtendedLifetime(server) {}
    }

    @Test func withoutSupervisorNobodyIsAsked() async {
        #expect(SupervisorClient(baseURL: "http://127.0.0.1:1", token: nil) == nil)
        let network = HostNetwork(nil, logger: logger)
        #expect(await network.refresh() == false)
        #expect(network.isKnown == false && network.current == HostNetwork.Facts())
    }

    @Test(arguments: ["", "{}", #"{"result": "error"}"#, #"{"data": 7}"#, #"{"data": {"ipv4": [1], "network": [2]}}"#])
    func whatMakesNoSenseIsNothing(_ body: String) async throws {
        let (network, server) = try await network { _ in LocalServer.Reply(body: Array(body.utf8)) }
        #expect(await network.refresh() == false)
        #expect(network.current == HostNetwork.Facts())
        withExtendedLifetime(server) {}
    }

    @Test func aRefusalAndASilenceAreNoProblem() async throws {
        let (refused, server) = try await network { _ in LocalServer.Reply(status: .forbidden) }
        #expect(await refused.refresh() == false)
        withExtendedLifetime(server) {}
        let (silent, other) = try await network { _ in LocalServer.Reply(length: 9, end: .hold) }
        let clock = ContinuousClock()
        let waited = await clock.measure { #expect(await silent.refresh() == false) }
        #expect(waited < .seconds(10))
        withExtendedLifetime(other) {}
    }

    @Test func aMappingThatKeepsMediaAwayIsTold() {
        var facts = HostNetwork.Facts()
        facts.mappedPorts = ["18762/udp": 18762, "18762/tcp": nil, "8189/udp": 28189]
        #expect(facts.warnings(webRTCPorts: ["18762/udp"]) == [])
        #expect(facts.warnings(webRTCPorts: ["18762/tcp"]).first?.text.contains("18762/tcp is not open") == true)
        #expect(facts.warnings(webRTCPorts: ["8189/udp"]).first?.text.contains("mapped to 28189") == true)
        // Supervisor says nothing of a port that the add-on does not declare.
        #expect(facts.warnings(webRTCPorts: ["9/udp"]) == [])
    }

    @Test func addressesHaveTheNumbersOfTheHost() throws {
        var facts = HostNetwork.Facts()
        facts.mappedPorts = ["8554/tcp": 9554, "8888/tcp": nil, "8322/tcp": nil]
        let transmission = try Sample.transmission(
            "door", path: "door", outputs: [["id": "r", "protocol": "rtsp"], ["id": "h", "protocol": "hls"]])
        let ports = EnginePorts(rtsp: 8554, hls: 8888, webrtc: 8889, api: 9997)
        func urls(rtsps: Int, _ mapping: HostNetwork.Facts?) -> TransmissionURLs {
            OutputAddresses(
                host: "192.168.1.5", runningPorts: ports, preferredPorts: ports, rtspsPort: rtsps,
                mapping: mapping, playback: { _ in PlaybackAddress(url: "x", expiresInSeconds: 1) }
            ).urls(of: transmission)
        }
        let mapped = urls(rtsps: 8322, facts)
        #expect(mapped.outputs.map(\.url).first == "rtsp://192.168.1.5:9554/door")
        #expect(mapped.outputs[0].problem == nil && mapped.outputs[0].rtspsURL == nil)
        // A page plays it all the same, by this server.
        #expect(mapped.outputs[1].problem?.text.contains("Port 8888 is not open") == true)
        #expect(mapped.outputs[1].playback != nil)
        #expect(mapped.warnings.contains { $0.text.contains("8888") })
        let plain = urls(rtsps: 8322, nil)
        #expect(plain.outputs[0].rtspsURL == "rtsps://192.168.1.5:8322/door" && plain.outputs[1].rtspsURL == nil)
        #expect(
            plain.outputs[0].url == "rtsp://192.168.1.5:8554/door" && plain.outputs.allSatisfy { $0.problem == nil })
    }

    @Test func theAddressOfAPageCountsWhereNobodyKnowsBetter() throws {
        func builder(_ webRTC: WebRTCAddresses) -> EngineConfigurationBuilder {
            EngineConfigurationBuilder(
                apiUser: "u", apiPassword: Secret("p"), reader: .random(), publishSecret: [], demandHook: "true",
                webRTC: webRTC)
        }
        let open = try EngineSettings(json: ["expose_to_lan": true])
        let nothing = builder(WebRTCAddresses())
        #expect(nothing.offersPageAddress(open, found: []))
        #expect(!nothing.offersPageAddress(EngineSettings(), found: []), "other machines do not reach the engine")
        #expect(!nothing.offersPageAddress(open, found: ["10.0.0.5"]))
        let named = try EngineSettings(json: ["expose_to_lan": true, "webrtc_additional_hosts": ["a.example.org"]])
        #expect(!nothing.offersPageAddress(named, found: []))
        let environment = try WebRTCAddresses(additionalHosts: "b.example.org", localUDP: nil, localTCP: nil)
        #expect(!builder(environment).offersPageAddress(open, found: []))
    }

    @Test func whatSomebodySaysGoesBeforeWhatSupervisorFinds() throws {
        let environment = try WebRTCAddresses(additionalHosts: "b.example.org", localUDP: nil, localTCP: nil)
        func builder(_ webRTC: WebRTCAddresses) -> EngineConfigurationBuilder {
            EngineConfigurationBuilder(
                apiUser: "u", apiPassword: Secret("p"), reader: .random(), publishSecret: [], demandHook: "true",
                webRTC: webRTC)
        }
        let none = EngineSettings()
        let found = builder(WebRTCAddresses()).webRTCHosts(none, found: ["10.0.0.5"])
        #expect(found == [WebRTCHost(host: "10.0.0.5", source: .supervisor)])
        let named = try EngineSettings(json: ["webrtc_additional_hosts": ["A.example.org", "B.example.org"]])
        #expect(
            builder(environment).webRTCHosts(named, found: ["10.0.0.5"]) == [
                WebRTCHost(host: "A.example.org", source: .settings),
                WebRTCHost(host: "B.example.org", source: .settings),
            ])
        #expect(
            builder(environment).webRTCHosts(none, found: ["10.0.0.5"]) == [
                WebRTCHost(host: "b.example.org", source: .environment)
            ])
    }
}

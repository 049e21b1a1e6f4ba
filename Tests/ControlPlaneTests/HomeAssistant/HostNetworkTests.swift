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
        #expect(network.current.addresses == ["192.168.1.5", "2001:db8::5"])
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
        #expect(facts.warnings(webRTCPorts: ["18762/tcp"]).first?.contains("18762/tcp is not open") == true)
        #expect(facts.warnings(webRTCPorts: ["8189/udp"]).first?.contains("mapped to 28189") == true)
        // Supervisor says nothing of a port that the add-on does not declare.
        #expect(facts.warnings(webRTCPorts: ["9/udp"]) == [])
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

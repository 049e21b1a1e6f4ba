import HTTPTypes
import Logging
import StreamModel
import Testing

@testable import ControlPlane
@testable import WebServer

@Suite("Where the pages can be opened")
struct NetworkRouteTests {
    private let interfaces: [(name: String, address: String)] = [
        ("lo", "127.0.0.1"), ("lo", "::1"), ("eth0", "2001:db8::7"), ("eth0", "192.168.1.7"), ("eth0", "fe80::1"),
        ("usb0", "169.254.3.4"), ("wlan0", "10.0.0.9"),
    ]

    @Test(arguments: [
        ("0.0.0.0", ["192.168.1.7", "10.0.0.9"]), ("::", ["192.168.1.7", "10.0.0.9", "2001:db8::7"]),
        ("10.0.0.9", ["10.0.0.9"]), ("127.0.0.1", []), ("localhost", []),
    ])
    func addressesThatOthersReach(_ host: String, _ expected: [String]) {
        #expect(NetworkRoute.addresses(listeningOn: host, interfaces: interfaces).map(\.address) == expected)
    }

    @Test func ipv6AddressesHaveTheirBrackets() {
        #expect(ServerAddress.url("2001:db8::7", port: 8100, isSecure: true) == "https://[2001:db8::7]:8100/")
    }

    /// What Supervisor says of the host counts in an add-on, not the interfaces of its container.
    @Test func anAddOnShowsTheAddressesAndThePortOfItsHost() throws {
        let route = NetworkRoute(
            host: "0.0.0.0", port: ListeningPort(), isSecure: false,
            hostNetwork: HostNetwork(nil, logger: Logger(label: "test")))
        var facts = HostNetwork.Facts()
        facts.interface = "end0"
        facts.addresses = ["192.168.1.5", "2001:db8::5"]
        facts.mappedPorts = ["8100/tcp": 8123]
        let open = route.answer(port: 8100, on: facts)
        #expect(
            open["addresses"] == [
                ["interface": "end0", "address": "192.168.1.5", "url": "http://192.168.1.5:8123/"]
            ])
        #expect(open["is_open"] == true && open["problem"] == JSONValue.null)
        facts.mappedPorts = ["8100/tcp": nil]
        let closed = route.answer(port: 8100, on: facts)
        #expect(closed["is_open"] == false && closed["addresses"] == [])
        #expect(closed["problem"]?.stringValue?.contains("Port 8100 is not open") == true)
        #expect(closed["problem_code"] == "port_not_mapped" && closed["problem_parameters"] == ["port": 8100])
        facts.mappedPorts = [:]
        #expect(
            route.answer(port: 8100, on: facts)["addresses"]?.arrayValue?.first?["url"] == "http://192.168.1.5:8100/")
    }

    @Test func onLoopbackItSaysThatNobodyElseReachesIt() async throws {
        try await WebServerFixture().test { client in
            let answer = try await client.send(.get, "/api/network")
            #expect(
                answer.json == [
                    "is_open": false, "addresses": [], "problem": nil, "problem_code": nil, "problem_parameters": [:],
                ])
        }
    }
}

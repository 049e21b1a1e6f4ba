import ControlPlane
import HTTPTypes
import StreamModel
import Testing

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

    @Test func onLoopbackItSaysThatNobodyElseReachesIt() async throws {
        try await WebServerFixture().test { client in
            let answer = try await client.send(.get, "/api/network")
            #expect(answer.json == ["is_open": false, "addresses": []])
        }
    }
}

import ConnectionLimits
import NIOPosix
import StreamModel
import Testing

@testable import MediaServer

@Suite struct WebRTCHostsTests {
    private func address(_ text: String) throws -> ListenAddress { try ListenAddress(text, key: "test") }

    @Test func whatSomebodyNamesComesFirst() throws {
        let named = try #require(IPAddress("203.0.113.7"))
        let bound = try #require(IPAddress("127.0.0.1"))
        #expect(WebRTCHosts.candidates(boundTo: try address("127.0.0.1:0"), additional: [named]) == [named, bound])
        #expect(WebRTCHosts.candidates(boundTo: try address("127.0.0.1:0"), additional: [bound, bound]) == [bound])
    }

    @Test(arguments: [":0", "0.0.0.0:0", "[::]:0"])
    func thatOfEveryAddressIsFoundAtTheInterfaces(_ text: String) throws {
        let found = WebRTCHosts.candidates(boundTo: try address(text), additional: [])
        #expect(!found.isEmpty)
        // Loopback only where there is nothing else.
        #expect(found.allSatisfy(\.isLoopback) || !found.contains(where: \.isLoopback))
        #expect(!found.contains { $0.description.hasPrefix("169.254.") || $0.description.hasPrefix("fe8") })
    }

    @Test func namesAreResolved() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let found = await WebRTCHosts.resolve(["192.0.2.1", "localhost"], on: loop)
        #expect(found.first == IPAddress("192.0.2.1"))
        #expect(found.count == 2 && found[1].isLoopback)
        #expect(await WebRTCHosts.resolve(["192.0.2.1"], on: loop) == [try #require(IPAddress("192.0.2.1"))])
    }
}

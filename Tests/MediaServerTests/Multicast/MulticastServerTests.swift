import EngineContract
import Logging
import NIOEmbedded
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

/// Which groups there are, without viewers.
@Suite struct MulticastServerTests {
    static func configuration(range: String) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.rtspTransports = [.multicast, .tcp]
        configuration.multicastIPRange = range
        configuration.multicastInterface = "127.0.0.1"
        configuration.multicastTTL = 1
        return configuration
    }

    static func stream(_ path: String, _ clock: EngineClock) -> Stream {
        Stream(
            path: path, formats: [RTPFormat(.h264(nil), payloadType: 96)], maximumPayloadSize: 1400, clock: clock,
            logger: Logger(label: "test"))
    }

    /// What is sent to those belongs to all who listen for announcements.
    @Test func theGroupsOfAnnouncementsAreNoneOfStreams() throws {
        let clock = EngineClock(eventLoop: EmbeddedEventLoop())
        let server = try #require(try MulticastServer(Self.configuration(range: "239.255.255.252/30"), clock: clock))
        let streams = ["a", "b", "c", "d"].map { Self.stream($0, clock) }
        let groups = try streams.prefix(3).map { try server.group(of: $0).place.group.description }
        #expect(Set(groups) == ["239.255.255.252", "239.255.255.253", "239.255.255.254"])
        #expect(throws: MulticastError.noGroup) { try server.group(of: streams[3]) }
    }

    /// Nothing goes out from an address that was lost, so who comes next needs another group.
    @Test func aGroupIsReplacedWhenItsSourceIsLost() throws {
        let clock = EngineClock(eventLoop: EmbeddedEventLoop())
        var isThere = true
        let server = try #require(
            try MulticastServer(Self.configuration(range: "239.255.77.0/24"), clock: clock) { _ in isThere })
        let stream = Self.stream("a", clock)
        let (first, second) = (Member(), Member())
        let former = try server.group(of: stream)
        former.join(first)
        #expect(try server.group(of: stream) === former)
        isThere = false
        let current = try server.group(of: stream)
        #expect(current !== former && current.place.group == former.place.group)
        isThere = true
        current.join(second)
        // The end of what was replaced is not the end of what replaced it.
        former.leave(first)
        #expect(try server.group(of: stream) === current)
        current.leave(second)
        #expect(try server.group(of: stream) !== current)
    }

    private final class Member {}
}

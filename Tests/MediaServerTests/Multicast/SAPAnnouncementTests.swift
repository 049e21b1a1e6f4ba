import EngineContract
import NIOCore
import NIOEmbedded
import StreamModel
import StreamProtocols
import Testing

@testable import MediaServer

/// What is announced when, by a clock of the test.
@Suite struct SAPAnnouncementTests {
    private final class Rig {
        let loop = EmbeddedEventLoop()
        let manual = ManualClock()
        let clock: EngineClock
        private(set) var announcer: SAPAnnouncer?
        private(set) var lines: [String] = []

        init(range: String = "239.255.77.0/24") throws {
            clock = manual.clock(on: loop)
            let server = try #require(
                try MulticastServer(MulticastServerTests.configuration(range: range), clock: clock))
            announcer = SAPAnnouncer(
                SAPAnnouncer.Environment(
                    server: server, clock: clock, queues: ReaderQueues(), queueLimit: { 1 << 20 },
                    isOpenToAll: { _ in true },
                    logRepeatable: { [unowned self] _, line in lines.append(line) }))
        }

        func stream(_ path: String) -> Stream { MulticastServerTests.stream(path, clock) }

        /// The announcement of a stream that begins now.
        func announcement(of stream: Stream) throws -> SAPAnnouncement {
            SAPAnnouncement(of: stream, by: try #require(announcer))
        }

        /// Lets the turn of each announcement come, once at least.
        func turn() {
            manual.advance(by: .seconds(20))
            loop.advanceTime(by: .seconds(20))
        }
    }

    private static let otherFormats = [
        RTPFormat(.h264(H264ParameterSets(sps: [0x67, 0x42, 0xC0, 0x0A], pps: [0x68, 0xCE])), payloadType: 96)
    ]

    private func version(_ announcement: SAPAnnouncement) throws -> Int {
        let packet = try #require(announcement.packet)
        return try #require(Int(packet.description.origin.sessionVersion))
    }

    @Test func whatIsTheSameIsToldAsItWas() throws {
        let rig = try Rig()
        let stream = rig.stream("front")
        let announcement = try rig.announcement(of: stream)
        rig.loop.advanceTime(by: .milliseconds(999))
        #expect(announcement.packet == nil && !stream.isUsed)
        rig.turn()
        let first = try #require(announcement.packet)
        #expect(
            first.description.name == "front" && stream.isUsed && announcement.byteCount == first.serialized().count)
        rig.turn()
        #expect(announcement.packet == first)
        announcement.end()
        #expect(announcement.packet == nil && announcement.byteCount == 0 && !stream.isUsed)
        // Receivers that heed no deletion find what they know, in a later version.
        let second = try rig.announcement(of: rig.stream("front"))
        rig.turn()
        #expect(second.packet?.messageIDHash == first.messageIDHash)
        #expect(try version(second) > Int(first.description.origin.sessionVersion) ?? .max)
        second.end()
    }

    /// RFC 4566 §5.2: a version is more than the one before. RFC 2974 §6: its hash is another one.
    @Test func whatChangesIsALaterVersionAlsoWhenTheClockIsSetBack() throws {
        let rig = try Rig()
        let stream = rig.stream("front")
        let announcement = try rig.announcement(of: stream)
        rig.turn()
        let first = try #require(announcement.packet)
        rig.manual.setWallTime(ProgramDateTime(millisecondsSinceEpoch: 0))
        stream.publisherChanged(formats: Self.otherFormats)
        rig.turn()
        let second = try #require(announcement.packet)
        #expect(second.messageIDHash != first.messageIDHash && second.description.media != first.description.media)
        #expect(try version(announcement) > Int(first.description.origin.sessionVersion) ?? .max)
        #expect(stream.isUsed)
        announcement.end()
    }

    @Test func whatIsTooLongIsNotSentAndSaidOnce() throws {
        let rig = try Rig()
        let stream = rig.stream(String(repeating: "a", count: SAPPacket.byteLimit))
        let announcement = try rig.announcement(of: stream)
        for _ in 0..<3 {
            rig.turn()
            #expect(announcement.packet == nil && !stream.isUsed)
        }
        #expect(rig.lines.count == 1 && rig.lines[0].contains("at most \(SAPPacket.byteLimit)"))
        announcement.end()
    }

    @Test func whatHasNoGroupWaitsForOne() throws {
        let rig = try Rig(range: "239.255.77.5")
        let first = try rig.announcement(of: rig.stream("front"))
        rig.turn()
        let second = try rig.announcement(of: rig.stream("back"))
        for _ in 0..<3 { rig.turn() }
        #expect(first.packet != nil && second.packet == nil)
        #expect(rig.lines == ["path 'back' can't be announced: no multicast group is left"])
        first.end()
        rig.turn()
        #expect(second.packet != nil)
        second.end()
    }
}

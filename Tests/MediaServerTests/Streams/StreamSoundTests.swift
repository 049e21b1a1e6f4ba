import Logging
import NIOCore
import NIOPosix
import StreamProtocols
import Testing

@testable import MediaServer

/// A stream of H.264 and AAC.
@Suite struct StreamSoundTests {
    /// What a publisher sends of both tracks: a picture each 40 ms, and AAC in LATM.
    private struct Publisher {
        var pictures = RTPFormat(.h264(nil)).makePacketizer()
        var sound = FramePacketizer(LATMPayloadFormat(frameDuration: 1024), numbering: RTPNumbering())
        var time: Int64 = 0

        mutating func publish(_ count: Int, to stream: Stream, keyframeInterval: Int64 = 10) {
            for _ in 0..<count {
                let isKey = time % keyframeInterval == 0
                let picture = Sample(
                    nalUnits: [[isKey ? 0x65 : 0x41, 0x80, 1]], presentationTime: time * 3600, isRandomAccess: isKey)
                for packet in pictures.packetize(picture) { stream.receive(rtp: packet.serialized(), track: 0) }
                let frame = Sample(frame: [7, UInt8(truncatingIfNeeded: time)], presentationTime: time * 1920)
                for packet in sound.packetize(frame) { stream.receive(rtp: packet.serialized(), track: 1) }
                time += 1
            }
        }

        /// Both tracks' first samples are of the same moment.
        func reports(_ wallTime: Duration) -> [[UInt8]] {
            [pictures.numbering, sound.numbering].map { numbering in
                RTCPPacket.serializeCompound([
                    .senderReport(
                        RTCPSenderReport(
                            ssrc: numbering.ssrc, ntpTimestamp: NTPTimestamp(sinceUnixEpoch: wallTime),
                            rtpTimestamp: numbering.rtpTimestamp(of: 0), packetCount: 0, octetCount: 0))
                ])
            }
        }
    }

    private func onLoop(_ body: @escaping @Sendable (any EventLoop) throws -> Void) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        try await loop.submit { try body(loop) }.get()
    }

    private static func makeStream(_ loop: any EventLoop) throws -> Stream {
        let aac = MediaFormat.aac(try #require(AACConfiguration([0x11, 0x90])))
        return Stream(
            path: "test",
            formats: [
                RTPFormat(.h264(H264ParameterSets(sps: [0x67, 1], pps: [0x68, 1]))),
                RTPFormat(aac, payloadType: 97, aacPacking: .latm),
            ],
            maximumPayloadSize: 1400, clock: EngineClock(eventLoop: loop), logger: Logger(label: "test"))
    }

    @Test func soundIsInTheGroupOfPictures() async throws {
        try await onLoop { loop in
            let stream = try Self.makeStream(loop)
            var publisher = Publisher()
            publisher.publish(25, to: stream)
            let reader = RecordingReader()
            stream.add(reader)
            // From the keyframe 20 on.
            #expect(reader.units.map(\.track) == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
            #expect(reader.units.map(\.isKeyframe) == [true] + Array(repeating: false, count: 9))
            // Viewers get AAC-hbr, whatever the publisher sends: 16 bits of AU-headers, and a size of two.
            let packets = reader.packets(ofTrack: 1)
            #expect(packets.map { [UInt8]($0.payload) } == (20..<25).map { [0, 16, 0, 2 << 3, 7, $0] })
            #expect(packets.allSatisfy { $0.marker && $0.payloadType == 97 })
            #expect(stream.sessionDescription.serialized().contains("mode=AAC-hbr"))
            stream.end()
        }
    }

    /// Packets that are made later for somebody who comes go before those that come then.
    @Test func sequenceNumbersGoOnHoweverViewersComeAndGo() async throws {
        try await onLoop { loop in
            let stream = try Self.makeStream(loop)
            var publisher = Publisher()
            let (first, second, sampler) = (
                RecordingReader(), RecordingReader(), RecordingReader(.samples)
            )
            stream.add(sampler)
            publisher.publish(12, to: stream)
            #expect(sampler.batches.isEmpty)
            stream.add(first)
            publisher.publish(3, to: stream)
            stream.remove(first)
            publisher.publish(3, to: stream)
            let start = stream.group(of: [1], as: .packets(.rtsp)).first?.packets
            stream.add(second)
            publisher.publish(1, to: stream)
            for track in 0...1 {
                let numbers = second.packets(ofTrack: track).map(\.sequenceNumber)
                #expect(numbers.count == 9)
                #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
                #expect(first.packets(ofTrack: track).first?.sequenceNumber == numbers.first)
            }
            #expect(start?.firstSequenceNumber == second.packets(ofTrack: 1).first?.sequenceNumber)
            stream.end()
        }
    }

    @Test func viewersAreToldOneClockForBothTracks() async throws {
        try await onLoop { loop in
            let stream = try Self.makeStream(loop)
            var publisher = Publisher()
            for (track, report) in publisher.reports(.seconds(1_767_225_600)).enumerated() {
                stream.receive(rtcp: report, track: track)
            }
            let early = RecordingReader()
            stream.add(early)
            #expect(early.reports.isEmpty)
            publisher.publish(1, to: stream)
            // Each track's report comes with its first packet.
            #expect(early.reports.map(\.track) == [0, 0, 1])
            let late = RecordingReader()
            stream.add(late)
            #expect(late.reports.map(\.track) == [0, 1])
            #expect(late.reports[0].senderReport?.ntpTimestamp == late.reports[1].senderReport?.ntpTimestamp)
            // Both tracks' first samples are of one moment, so both are as long before their report.
            let behind = try zip([90_000.0, 48_000], late.reports).map { rate, item in
                let packet = try #require(late.packets(ofTrack: item.track).first)
                let report = try #require(item.senderReport)
                return Double(Int32(bitPattern: report.rtpTimestamp &- packet.timestamp)) / rate
            }
            #expect(abs(behind[0] - behind[1]) < 0.0001)
            stream.end()
        }
    }
}

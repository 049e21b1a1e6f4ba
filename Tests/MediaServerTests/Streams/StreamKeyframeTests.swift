import EngineContract
import Logging
import NIOCore
import NIOPosix
import StreamProtocols
import Testing

@testable import MediaServer

/// A stream with two tracks of pictures: what viewers of each get, and when the publisher is asked for a keyframe.
@Suite struct StreamKeyframeTests {
    private final class Publisher: PathPublisher {
        let endpoint = ControlAPI.Endpoint(type: "test", id: "test")
        var requests: [(track: Int, ssrc: UInt32)] = []
        var packetizers = (0...1).map { _ in H264Packetizer() }
        private var time: Int64 = 0

        func requestKeyframe(ofTrack track: Int, ssrc: UInt32) { requests.append((track, ssrc)) }
        func close(because reason: String) {}

        /// One picture of a track, whose only byte of content is `number`.
        func publish(_ number: UInt8, isKey: Bool, track: Int, to stream: Stream) {
            time += 3600
            let picture = Sample(
                nalUnits: [[isKey ? 0x65 : 0x41, 0x80, number]], presentationTime: time, isRandomAccess: isKey)
            for packet in packetizers[track].packetize(picture) {
                stream.receive(rtp: packet.serialized(), track: track)
            }
        }
    }

    private func onLoop(
        _ body: @escaping @Sendable (Stream, Publisher, ManualClock) throws -> Void
    ) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        try await loop.submit {
            let clock = ManualClock()
            let stream = Stream(
                path: "test", formats: [RTPFormat(.h264(nil)), RTPFormat(.h264(nil), payloadType: 97)],
                maximumPayloadSize: 1400, clock: clock.clock(on: loop), logger: Logger(label: "test"))
            let publisher = Publisher()
            stream.publisher = publisher
            try body(stream, publisher, clock)
            stream.end()
        }.get()
    }

    @Test func eachTrackHasAGroupOfItsOwn() async throws {
        try await onLoop { stream, publisher, _ in
            publisher.publish(1, isKey: true, track: 0, to: stream)
            publisher.publish(2, isKey: false, track: 1, to: stream)
            publisher.publish(3, isKey: true, track: 1, to: stream)
            publisher.publish(4, isKey: false, track: 0, to: stream)
            publisher.publish(5, isKey: false, track: 1, to: stream)
            publisher.publish(6, isKey: true, track: 0, to: stream)
            publisher.publish(7, isKey: false, track: 1, to: stream)
            let (both, second) = (RecordingReader(tracks: [0, 1]), RecordingReader(.samples, tracks: [1]))
            stream.add(both)
            stream.add(second)
            #expect(both.numbers == [3, 5, 6, 7])
            #expect(both.units.map(\.isKeyframe) == [true, false, true, false])
            #expect(second.numbers == [3, 5, 7])
            // The packets of each track are made in order.
            for track in 0...1 {
                let numbers = both.batches.filter { $0.track == track }.map(\.firstSequenceNumber)
                #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
            }
        }
    }

    @Test func aViewerThatCantBeServedMakesThePublisherBeAsked() async throws {
        try await onLoop { stream, publisher, clock in
            // Nothing has come yet: it is about to begin.
            stream.add(RecordingReader(.samples, tracks: [0, 1]))
            #expect(publisher.requests.isEmpty)
            clock.advance(by: .seconds(5))
            publisher.publish(1, isKey: true, track: 0, to: stream)
            publisher.publish(2, isKey: false, track: 1, to: stream)
            stream.add(RecordingReader(.samples, tracks: [0]))
            #expect(publisher.requests.isEmpty, "the group has just begun")
            stream.add(RecordingReader(.samples, tracks: [1]))
            stream.add(RecordingReader(.samples, tracks: [0, 1]))
            #expect(publisher.requests.map(\.track) == [1], "once for both")
            #expect(publisher.requests.map(\.ssrc) == [publisher.packetizers[1].numbering.ssrc])
            clock.advance(by: KeyframeRequester.freshness + .seconds(1))
            stream.add(RecordingReader(.samples, tracks: [0]))
            #expect(publisher.requests.map(\.track) == [1, 0], "the group is old")
        }
    }

    /// Of a publisher that makes none by itself, such as a browser.
    @Test func keyframesAreKeptComingForWhoWatches() async throws {
        try await onLoop { stream, publisher, clock in
            publisher.publish(1, isKey: true, track: 0, to: stream)
            clock.advance(by: .seconds(10))
            stream.keepKeyframesComing()
            #expect(publisher.requests.isEmpty, "nobody watches")
            publisher.publish(2, isKey: true, track: 0, to: stream)
            stream.add(RecordingReader(.samples, tracks: [0]))
            clock.advance(by: KeyframeRequester.freshness)
            stream.keepKeyframesComing()
            #expect(publisher.requests.isEmpty, "the last one is fresh")
            clock.advance(by: .seconds(1))
            stream.keepKeyframesComing()
            #expect(publisher.requests.map(\.track) == [0])
        }
    }

    @Test func aViewerMayAsk() async throws {
        try await onLoop { stream, publisher, clock in
            publisher.publish(1, isKey: true, track: 0, to: stream)
            stream.keyframeWanted(ofTrack: 0)
            #expect(publisher.requests.isEmpty, "one has just come")
            clock.advance(by: .seconds(1))
            for _ in 0..<100 { stream.keyframeWanted(ofTrack: 0) }
            stream.keyframeWanted(ofTrack: 7)
            #expect(publisher.requests.count == 1)
            // Another publisher is another one to ask.
            stream.publisherLeft()
            stream.keyframeWanted(ofTrack: 0)
            let next = Publisher()
            stream.publisherChanged(formats: stream.formats)
            stream.publisher = next
            next.publish(2, isKey: false, track: 0, to: stream)
            stream.keyframeWanted(ofTrack: 0)
            #expect(publisher.requests.count == 1 && next.requests.count == 1)
        }
    }
}

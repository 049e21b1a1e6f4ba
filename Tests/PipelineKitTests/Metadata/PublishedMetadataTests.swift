import Logging
import MediaKit
import NIOCore
import NIOPosix
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

/// Metadata in what is published: where somebody is to see it, and nowhere else.
@Suite struct PublishedMetadataTests {
    private static func metadata(_ number: Int) throws -> PictureMetadata {
        try #require(PictureMetadata(json: Array("{\"n\":\(number)}".utf8)))
    }

    private static func carried(_ unit: PublishedUnit, _ codec: VideoCodec = .h264) -> PictureMetadata? {
        PictureMetadata(nalUnits: unit.sample.nalUnits, codec: codec)
    }

    /// The sequence numbers of the unit's first packet and of the one that comes after its last.
    private static func numbers(_ unit: PublishedUnit) throws -> (first: UInt16, next: UInt16) {
        // Behind the four bytes of framing and two of the packet's header (RFC 3550 §5.1).
        let first = try #require(unit.bytes.getInteger(at: unit.bytes.readerIndex + 6, as: UInt16.self))
        return (first, first &+ UInt16(unit.packetCount))
    }

    private static func slice(_ number: Int) -> Sample {
        Sample(nalUnits: [[0x41, UInt8(number), 0x80]], presentationTime: Int64(number) * 3600, isRandomAccess: false)
    }

    @Test func onlyTheAudienceSeesIt() throws {
        var stream = PublishedStream(.h264, origin: .now)
        let hidden = stream.picture(Self.slice(1), metadata: try Self.metadata(1))
        #expect(hidden.annotated == nil && Self.carried(hidden.seen(on: "a")) == nil)
        stream.audience = ["a"]
        let unit = stream.picture(Self.slice(2), metadata: try Self.metadata(2))
        #expect(Self.carried(unit) == nil && Self.carried(unit.seen(on: "b")) == nil)
        #expect(try Self.carried(unit.seen(on: "a")) == Self.metadata(2))
        #expect(unit.seen(on: "a").bytes.readableBytes > unit.bytes.readableBytes)
        #expect(unit.seen(on: "a").octetCount > unit.octetCount)
        let without = stream.picture(Self.slice(3))
        #expect(without.seen(on: "a").sample == without.sample && without.annotated != nil)
    }

    /// A path goes from the one to the other without a number twice: what was left out looks like a loss between two pictures.
    @Test func packetsAreNumberedOnWhereverAPathGetsThemFrom() throws {
        var stream = PublishedStream(.h264, origin: .now)
        let long = try #require(
            PictureMetadata(json: Array(("{\"n\":\"" + String(repeating: "a", count: 5000) + "\"}").utf8)))
        let plain = try Self.numbers(stream.picture(Self.slice(1)))
        stream.audience = ["a"]
        let second = stream.picture(Self.slice(2), metadata: long)
        #expect(try Self.numbers(second).first == plain.next)
        #expect(try Self.numbers(second.seen(on: "a")).first == plain.next)
        #expect(second.seen(on: "a").packetCount > second.packetCount)
        let annotated = try Self.numbers(second.seen(on: "a"))
        let third = stream.picture(Self.slice(3))
        #expect(try Self.numbers(third.seen(on: "a")).first == annotated.next)
        // Another path sees it from here on, and the first none any more.
        stream.audience = ["b"]
        let fourth = stream.picture(Self.slice(4))
        #expect(try Self.numbers(fourth.seen(on: "a")).first == Self.numbers(third.seen(on: "a")).next)
        #expect(try Self.numbers(fourth.seen(on: "b")).first == Self.numbers(third.seen(on: "a")).next)
        stream.audience = []
        let fifth = stream.picture(Self.slice(5))
        #expect(try Self.numbers(fifth).first == Self.numbers(fourth.seen(on: "b")).next)
    }

    /// B-frames come out of the encoder later than they went in, and in another order.
    @Test(arguments: [VideoCodec.h264, .h265])
    func anEncoderHandsItOutWithItsPicture(codec: VideoCodec) throws {
        let encoding = Encoding(
            width: 320, height: 240, fps: 25, bitrateKbps: 300,
            video: VideoSettings(codec: codec == .h264 ? .h264 : .h265, maximumBFrames: 2))
        let encoder = try RenditionEncoder(
            encoding, .cpu, framesPerSecond: 25, colour: .bt709, codec: codec,
            from: EncoderDesk(logger: Logger(label: "test")), sharing: ScaledFrames())
        let source = try DemoSource(width: 320, height: 240)
        var stream = PublishedStream(codec, origin: .now)
        stream.audience = ["a"]
        var units: [PublishedUnit] = []
        for number in 0..<30 {
            units += try encoder.encode(
                source.frame(number: number), timestamp: Int64(number) * 3600, keyframe: false,
                metadata: number % 2 == 0 ? Self.metadata(number) : nil, stream: &stream)
        }
        units += try encoder.finish(stream: &stream)
        #expect(units.count == 30)
        for unit in units {
            let number = Int(unit.sample.presentationTime / 3600)
            #expect(try Self.carried(unit.seen(on: "a"), codec) == (number % 2 == 0 ? Self.metadata(number) : nil))
            #expect(Self.carried(unit, codec) == nil)
        }
    }

    /// What was posted before a picture goes with it, and not with those before and behind it.
    @Test(.timeLimit(.minutes(1))) func aCopiedPictureCarriesIt() async throws {
        let engine = try await FakeEngine.start()
        let transmission = TransmissionState(
            try Transmission(json: ["id": "t", "name": "T", "path": "t", "outputs": [["id": "o", "protocol": "rtsp"]]]),
            events: { _ in }, logger: Logger(label: "test"))
        transmission.expectedCodec = .h264
        transmission.expectedSound = .none
        transmission.copyPath = .direct(
            CopyRoute(cameraID: "c", pipelineID: "p", writerID: "w", priority: 0, reducerFPS: nil, isForced: false))
        let target = PublishTarget(
            path: "t", host: "127.0.0.1", port: engine.port, username: "u", password: "p", metadata: true)
        let rendition = Rendition(
            RenditionSpec(id: "r", transmissionID: "t", encoding: .standard, targets: [target]),
            terms: CopyTerms(protocols: [.rtsp]), transmission: transmission,
            encoders: EncoderDesk(logger: Logger(label: "test")),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"), events: { _ in })
        while !transmission.wantsFrames { try await Task.sleep(for: .milliseconds(1)) }
        let sets: [[UInt8]] = [CopyTermsTests.Sample.plain.bytes, [0x68, 0xEE, 0x3C, 0x80]]
        var facts = CameraFacts(codec: "h264")
        facts.picture = MediaFormat(codec: .h264, nalUnits: sets.map { $0[...] })?.pictureFormat
        let start = MonotonicInstant.now
        // Keyframes, so that a machine that stands still costs none of them.
        func send(_ number: UInt8) {
            let units = sets + [[0x65, 0x88, number + 1]]
            transmission.offer(
                CameraPacket(
                    nalUnits: units.map { $0[...] }, isRandomAccess: true,
                    captureTime: start + .milliseconds(40 * Int(number)), facts: facts))
        }
        send(0)
        // It is copied when it comes out.
        var seen: [UInt8: PictureMetadata?] = [:]
        func take() async throws {
            let unit = try #require(await engine.nextUnit())
            guard let slice = unit.nalUnits.last, slice.count == 3, let number = slice.last else { return }
            seen[number - 1] = PictureMetadata(nalUnits: unit.nalUnits, codec: .h264)
        }
        while seen.isEmpty { try await take() }
        send(1)
        let posted = try Self.metadata(7)
        transmission.post(posted)
        send(2)
        send(3)
        while seen.count < 4 { try await take() }
        #expect(seen == [0: nil, 1: nil, 2: posted, 3: nil])
        rendition.stop()
        await rendition.thread.completion()
        try await engine.kill()
    }
}

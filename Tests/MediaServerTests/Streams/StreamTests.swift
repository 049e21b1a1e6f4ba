import Logging
import NIOCore
import NIOPosix
import StreamProtocols
import TestSupport
import Testing

@testable import MediaServer

/// Baseline 16×16 parameter sets, from ffmpeg's `testsrc2=size=16x16` through libx264 (any valid pair would do).
private let sps: [UInt8] = [
    0x67, 0x42, 0xC0, 0x0A, 0xDD, 0xEC, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x03, 0x00, 0xA3, 0xC4,
    0x89, 0xE0,
]
private let pps: [UInt8] = [0x68, 0xCE, 0x0F, 0xC8]

/// What a publisher sends: the packets of access units, by the packetizer that has tests of its own.
private struct TestPublisher {
    var packetizer = H264Packetizer(numbering: RTPNumbering(payloadType: 97, sequenceNumber: 65_530))
    var time: Int64 = 5_000_000

    /// A keyframe has `size` bytes of picture, every other frame a tenth.
    mutating func unit(isKey: Bool, size: Int = 20_000, parameterSets: [[UInt8]] = []) -> [[UInt8]] {
        // 0x80: the slice begins with macroblock 0 (first_mb_in_slice is ue(v), H.264 §7.3.3).
        let slice = [isKey ? 0x65 : 0x41, 0x80] + [UInt8](repeating: 0xAB, count: isKey ? size : size / 10)
        let nalUnits = parameterSets.map { $0[...] } + [slice[...]]
        time += 3600
        return packetizer.packetize(Sample(nalUnits: nalUnits, presentationTime: time, isRandomAccess: isKey))
            .map { $0.serialized() }
    }
}

@Suite struct StreamTests {
    /// Runs on an event loop, to which streams are confined.
    private func onLoop(_ body: @escaping @Sendable (any EventLoop) throws -> Void) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        try await loop.submit { try body(loop) }.get()
    }

    private static func makeStream(_ loop: any EventLoop, parameterSets: H264ParameterSets? = nil) -> Stream {
        Stream(
            path: "test", formats: [RTPFormat(.h264(parameterSets), payloadType: 96)],
            maximumPayloadSize: 1400, clock: EngineClock(eventLoop: loop), logger: Logger(label: "test"))
    }

    @Test func aNewViewerGetsTheGroupOfPictures() async throws {
        try await onLoop { loop in
            let stream = Self.makeStream(loop)
            var publisher = TestPublisher()
            for index in 0..<30 {
                for packet in publisher.unit(isKey: index % 12 == 0, parameterSets: index % 12 == 0 ? [sps, pps] : []) {
                    stream.receive(rtp: packet, track: 0)
                }
            }
            let reader = RecordingReader()
            let start = stream.group(of: [0], as: .packets(.rtsp)).first?.packets
            stream.add(reader)
            // Units 24…29: the last keyframe and what followed.
            #expect(reader.batches.count == 6)
            #expect(reader.units.first?.isKeyframe == true)
            #expect(reader.packets.first?.sequenceNumber == start?.firstSequenceNumber)
            #expect(reader.packets.first?.timestamp == start?.rtpTimestamp)
            for packet in publisher.unit(isKey: false) { stream.receive(rtp: packet, track: 0) }
            #expect(reader.batches.count == 7)
            // RFC 3550 §5.1: one by one, and the last packet of each unit has the marker.
            let packets = reader.packets
            #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequenceNumber == $0.sequenceNumber &+ 1 })
            #expect(packets.filter(\.marker).count == 7)
            #expect(Set(packets.map(\.ssrc)).count == 1)
            #expect(packets.allSatisfy { $0.payloadType == 96 })
            stream.end()
            #expect(reader.hasEnded)
            #expect(reader.goodbyes.map(\.track) == [0])
        }
    }

    /// RTSP and WebRTC each have packets of their own size and numbers, made once, from when somebody reads them.
    @Test func eachProfileHasItsPackets() async throws {
        try await onLoop { loop in
            let stream = Self.makeStream(loop)
            var publisher = TestPublisher()
            func publish(isKey: Bool) {
                for packet in publisher.unit(isKey: isKey, parameterSets: isKey ? [sps, pps] : []) {
                    stream.receive(rtp: packet, track: 0)
                }
            }
            publish(isKey: true)
            let (rtsp, browser, another) = (
                RecordingReader(), RecordingReader(.packets(.webRTC)), RecordingReader(.packets(.webRTC))
            )
            stream.add(rtsp)
            publish(isKey: false)
            stream.add(browser)
            stream.add(another)
            publish(isKey: false)
            stream.remove(rtsp)
            publish(isKey: false)
            #expect(rtsp.samples.count == 3 && browser.samples.count == 4)
            #expect(rtsp.samples == Array(browser.samples.prefix(3)))
            #expect(zip(browser.batches, another.batches).allSatisfy { $0 === $1 })
            let sizes = [rtsp, browser].map { $0.packets.map(\.payload.count).max() }
            #expect(sizes == [1400, RTPPayloadSize.webRTC])
            for reader in [rtsp, browser] {
                let packets = reader.packets
                #expect(Set(packets.map(\.ssrc)).count == 1)
                #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequenceNumber == $0.sequenceNumber &+ 1 })
            }
            #expect(rtsp.packets.first?.ssrc != browser.packets.first?.ssrc)
            stream.end()
        }
    }

    @Test("browsers are sent no delimiters, which would be a packet of their own for each picture")
    func delimiters() async throws {
        try await onLoop { loop in
            let stream = Self.makeStream(loop)
            var publisher = TestPublisher()
            let readers = [RecordingReader(), RecordingReader(.packets(.webRTC))]
            for reader in readers { stream.add(reader) }
            for packet in publisher.unit(isKey: true, parameterSets: [[0x09, 0xF0], sps, pps]) {
                stream.receive(rtp: packet, track: 0)
            }
            let sent = try readers.map { reader in
                var depacketizer = H264Depacketizer()
                return try reader.packets.flatMap { try depacketizer.depacketize($0) }.flatMap(\.nalUnits).map(\.first)
            }
            #expect(sent == [[0x09, 0x67, 0x68, 0x65], [0x67, 0x68, 0x65]])
            stream.end()
        }
    }

    @Test func samplesAreWhatWasPublished() async throws {
        try await onLoop { loop in
            let stream = Self.makeStream(loop)
            var publisher = TestPublisher()
            for packet in publisher.unit(isKey: true, parameterSets: [sps, pps]) + publisher.unit(isKey: false) {
                stream.receive(rtp: packet, track: 0)
            }
            let reader = RecordingReader(.samples)
            stream.add(reader)
            let backlog = reader.samples
            // Nobody sends packets, so none were made.
            #expect(reader.batches.isEmpty)
            #expect(backlog.map(\.isRandomAccess) == [true, false])
            #expect(backlog.map(\.presentationTime) == [0, 3600])
            #expect(backlog.first?.nalUnits.map(\.count) == [sps.count, pps.count, 20_002])
        }
    }

    @Test func sequenceAndTimeGoOnWithTheNextPublisher() async throws {
        try await onLoop { loop in
            let stream = Self.makeStream(loop)
            let reader = RecordingReader()
            stream.add(reader)
            var first = TestPublisher()
            for packet in first.unit(isKey: true, parameterSets: [sps, pps]) { stream.receive(rtp: packet, track: 0) }
            stream.publisherLeft()
            #expect(stream.group(of: [0], as: .packets(.rtsp)).isEmpty)
            let format = RTPFormat(.h264(nil), payloadType: 100)
            #expect(stream.accepts([format]))
            stream.publisherChanged(formats: [format])
            var second = TestPublisher(
                packetizer: H264Packetizer(numbering: RTPNumbering(payloadType: 100, sequenceNumber: 7)), time: 99)
            for packet in second.unit(isKey: true) { stream.receive(rtp: packet, track: 0) }
            let packets = reader.packets
            #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequenceNumber == $0.sequenceNumber &+ 1 })
            let step = reader.samples[1].presentationTime - reader.samples[0].presentationTime
            #expect(reader.groupCounts.count == 2)
            #expect((1...90_000).contains(step))
            // The second publisher sent no parameter sets: the known ones are put before its keyframe.
            #expect(reader.samples.last?.nalUnits.map(\.count) == [sps.count, pps.count, 20_002])
            stream.end()
        }
    }

    @Test func otherTracksAreNotAccepted() async throws {
        try await onLoop { loop in
            let stream = Self.makeStream(loop)
            let h264 = RTPFormat(.h264(nil))
            let audio = try RTPFormat(
                media: MediaDescription(
                    kind: .audio, formats: ["97"], attributes: [SDPAttribute("rtpmap", "97 opus/48000/2")]))
            #expect(stream.accepts([h264]))
            #expect(!stream.accepts([audio]))
            #expect(!stream.accepts([h264, audio]))
            #expect(!stream.accepts([]))
        }
    }

    /// RFC 6184 §8.2.1, RFC 7798 §7.2.1: 90 kHz. `H264/9223372036854775807` ended the engine.
    @Test(arguments: [
        ("H264/9223372036854775807", "payload type 96"), ("h265/8000", "H265 with an RTP clock rate of 8000 Hz"),
        ("opus/4294967296", "payload type 96"), ("", "no payload type"),
    ])
    func clockRatesThatNobodyHasAreRefused(map: String, mention: String) {
        let media = MediaDescription(
            kind: .video, formats: map.isEmpty ? [] : ["96"], attributes: [SDPAttribute("rtpmap", "96 " + map)])
        let error = #expect(throws: RTPFormatError.self) { try RTPFormat(passingOn: media) }
        #expect(error?.description.contains(mention) == true)
    }

    @Test func unknownCodecsArePassedOn() async throws {
        try await onLoop { loop in
            let media = MediaDescription(
                kind: .audio, formats: ["97"],
                attributes: [
                    SDPAttribute("rtpmap", "97 MPEG4-GENERIC/48000/2"), SDPAttribute("fmtp", "97 mode=AAC-hbr"),
                    SDPAttribute("control", "streamid=1"), SDPAttribute("recvonly"),
                ])
            let format = try RTPFormat(passingOn: media)
            let stream = Stream(
                path: "test", formats: [format], maximumPayloadSize: 1400, clock: EngineClock(eventLoop: loop),
                logger: Logger(label: "test"))
            let reader = RecordingReader()
            stream.add(reader)
            // 65 534, then a gap of one over the wrap.
            for (number, time) in [(UInt16(65_534), UInt32(4_294_967_000)), (65_535, 728), (1, 2776)] {
                let packet = RTPPacket(
                    marker: true, payloadType: 97, sequenceNumber: number, timestamp: time, ssrc: 5, payload: [1, 2, 3])
                stream.receive(rtp: packet.serialized(), track: 0)
            }
            let packets = reader.packets
            #expect(packets.map { $0.sequenceNumber &- packets[0].sequenceNumber } == [0, 1, 3])
            #expect(packets.map { $0.timestamp &- packets[0].timestamp } == [0, 1024, 3072])
            #expect(packets.allSatisfy { Array($0.payload) == [1, 2, 3] })
            let described = try #require(stream.sessionDescription.media.first)
            #expect(described.attribute("rtpmap") == "97 MPEG4-GENERIC/48000/2")
            #expect(described.control == "trackID=0")
            #expect(described.direction == nil)
            stream.end()
        }
    }

    @Test func garbageIsCountedAndDoesNotEndTheStream() async throws {
        try await onLoop { loop in
            let stream = Self.makeStream(loop)
            var generator = SeededGenerator(seed: 11)
            for _ in 0..<2000 {
                let length = Int.random(in: 0..<64, using: &generator)
                var bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
                // Half of them look like RTP.
                if !bytes.isEmpty, Bool.random(using: &generator) { bytes[0] = 0x80 }
                stream.receive(rtp: bytes, track: Int.random(in: 0..<3, using: &generator))
            }
            #expect(stream.inboundErrorCount > 0)
            var publisher = TestPublisher()
            let reader = RecordingReader()
            stream.add(reader)
            reader.deliveries = []
            for _ in 0..<3 {
                for packet in publisher.unit(isKey: true, parameterSets: [sps, pps]) {
                    stream.receive(rtp: packet, track: 0)
                }
            }
            #expect(reader.batches.count >= 2)
            stream.end()
        }
    }

    /// A camera that sends its parameter sets once still gives every later viewer all it needs.
    @Test func h265KeyframesGetTheParameterSetsThatTheyLack() async throws {
        try await onLoop { loop in
            // VPS, SPS, PPS, IDR_W_RADL and TRAIL_R by their types (ITU-T H.265 table 7-1); the contents don't matter.
            let sets: [[UInt8]] = [[0x40, 1, 9], [0x42, 1, 9], [0x44, 1, 9]]
            let stream = Stream(
                path: "test", formats: [RTPFormat(.h265(nil))], maximumPayloadSize: 1400,
                clock: EngineClock(eventLoop: loop), logger: Logger(label: "test"))
            var packetizer = H265Packetizer()
            func publish(_ nalUnits: [[UInt8]], at time: Int64) {
                let unit = Sample(nalUnits: nalUnits.map { $0[...] }, presentationTime: time, isRandomAccess: false)
                for packet in packetizer.packetize(unit) { stream.receive(rtp: packet.serialized(), track: 0) }
            }
            publish(sets + [[0x26, 1, 0x80]], at: 0)
            publish([[0x02, 1, 0x80]], at: 3600)
            publish([[0x46, 1, 0x50], [0x26, 1, 0x80]], at: 7200)
            publish([[0x02, 1, 0x80]], at: 10_800)
            let reader = RecordingReader(.samples)
            stream.add(reader)
            let group = reader.samples
            #expect(
                group.map { $0.nalUnits.map { [UInt8]($0) } } == [
                    [[0x46, 1, 0x50]] + sets + [[0x26, 1, 0x80]], [[0x02, 1, 0x80]],
                ])
            #expect(group.map(\.isRandomAccess) == [true, false])
            #expect(stream.sessionDescription.serialized().contains("sprop-vps=QAEJ; sprop-sps=QgEJ; sprop-pps=RAEJ"))
            stream.end()
        }
    }

    @Test func newParameterSetsReachTheDescription() async throws {
        try await onLoop { loop in
            let stream = Self.makeStream(loop, parameterSets: H264ParameterSets(sps: sps, pps: pps))
            var changed = sps
            changed[3] = 0x1F
            var publisher = TestPublisher()
            for packet in publisher.unit(isKey: true, parameterSets: [changed, pps]) {
                stream.receive(rtp: packet, track: 0)
            }
            #expect(stream.formats.first?.media.parameterSets.first == changed)
            let text = stream.sessionDescription.serialized()
            #expect(text.contains("profile-level-id=42C01F"))
        }
    }
}

@Suite struct GroupOfPicturesTests {
    private func unit(isKey: Bool, size: Int) -> PacketizedUnit {
        PacketizedUnit(
            StreamUnit(
                number: 0, track: 0,
                sample: Sample(
                    nalUnits: [[UInt8](repeating: 0, count: size)[...]], presentationTime: 0, isRandomAccess: isKey),
                media: .h264(nil), isKeyframe: isKey, wallTime: ProgramDateTime(millisecondsSinceEpoch: 0)))
    }

    @Test func beginsWithAKeyframe() {
        var group = GroupOfPictures()
        group.append(unit(isKey: false, size: 10))
        #expect(group.isEmpty)
        group.append(unit(isKey: true, size: 10))
        group.append(unit(isKey: false, size: 10))
        #expect(group.units.count == 2)
        group.append(unit(isKey: true, size: 10))
        #expect(group.units.count == 1)
    }

    /// Each costs what refers to it.
    @Test func manyTinyPartsCountAsMuch() {
        let slice = [0x65, 0x80] as [UInt8]
        let unit = StreamUnit(
            number: 0, track: 0,
            sample: Sample(
                nalUnits: [ArraySlice<UInt8>](repeating: slice[...], count: 1024), presentationTime: 0,
                isRandomAccess: true),
            media: .h264(nil), isKeyframe: true, wallTime: ProgramDateTime(millisecondsSinceEpoch: 0))
        #expect(unit.byteCount == 1024 * 66)
    }

    @Test func isDroppedBeyondItsBounds() {
        var group = GroupOfPictures(limits: .init(byteCount: 5000, unitCount: 10))
        group.append(unit(isKey: true, size: 2000))
        group.append(unit(isKey: false, size: 2000))
        #expect(group.byteCount == 2 * 2064)
        group.append(unit(isKey: false, size: 2000))
        #expect(group.isEmpty)
        group.append(unit(isKey: false, size: 10))
        #expect(group.isEmpty)
        group.append(unit(isKey: true, size: 1))
        for _ in 0..<9 { group.append(unit(isKey: false, size: 1)) }
        #expect(group.units.count == 10)
        group.append(unit(isKey: false, size: 1))
        #expect(group.isEmpty)
    }
}

@Suite struct MediaBatchTests {
    /// RFC 2326 §10.12: `$`, channel, length, packet.
    @Test func framing() throws {
        let packets = [3, 5].map { size in
            RTPPacket(
                marker: size == 5, payloadType: 96, sequenceNumber: 0xFFFF, timestamp: 0x0102_0304, ssrc: 0xAABB_CCDD,
                payload: [UInt8](repeating: UInt8(size), count: size)[...])
        }
        let batch = try #require(
            MediaBatch(packets: packets, track: 1, profile: .rtsp, allocator: ByteBufferAllocator())
        )
        func expected(_ channel: UInt8) -> [UInt8] {
            [0x24, channel, 0, 15, 0x80, 0x60, 0xFF, 0xFF, 1, 2, 3, 4, 0xAA, 0xBB, 0xCC, 0xDD, 3, 3, 3]
                + [0x24, channel, 0, 17, 0x80, 0xE0, 0xFF, 0xFF, 1, 2, 3, 4, 0xAA, 0xBB, 0xCC, 0xDD, 5, 5, 5, 5, 5]
        }
        #expect([UInt8](batch.interleaved(channel: 2).readableBytesView) == expected(2))
        #expect([UInt8](batch.interleaved(channel: 7).readableBytesView) == expected(7))
        #expect([UInt8](batch.interleaved(channel: 2).readableBytesView) == expected(2))
        #expect(batch.runs.flatMap(\.packets).map(\.readableBytes) == [15, 17])
        #expect(batch.octetCount == 8)
    }
}

import Testing

@testable import StreamProtocols

/// The payload formats of sound.
@Suite struct AudioPayloadTests {
    private static func packet(
        _ number: UInt16, _ time: UInt32, marker: Bool = true, _ payload: [UInt8]
    ) -> RTPPacket {
        RTPPacket(
            marker: marker, payloadType: 97, sequenceNumber: number, timestamp: time, ssrc: 1, payload: payload[...])
    }

    private static func frames(_ samples: [Sample]) -> [[UInt8]] {
        samples.compactMap { if case .frame(let frame) = $0.payload { [UInt8](frame) } else { nil } }
    }

    private static func aac() throws -> RTPFormat {
        RTPFormat(.aac(try #require(AACConfiguration([0x11, 0x90]))), payloadType: 97)
    }

    private static func bytes(_ count: Int, _ seed: Int = 1) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ seed) }
    }

    /// RFC 3640 §3.2.1: two AU-headers of 13 and 3 bits (as ffmpeg 5.1 writes them), then the frames.
    @Test func aacHasSeveralFramesInAPacket() throws {
        var depacketizer = try Self.aac().makeDepacketizer()
        let payload: [UInt8] = [0, 32, 0, 3 << 3, 0, 2 << 3, 1, 2, 3, 4, 5]
        let samples = try depacketizer.depacketize(Self.packet(1, 10_000, payload))
        #expect(Self.frames(samples) == [[1, 2, 3], [4, 5]])
        // ISO/IEC 14496-3: 1024 samples in a frame.
        #expect(samples.map(\.presentationTime) == [10_000, 11_024])
        #expect(samples.allSatisfy { $0.isRandomAccess })
    }

    /// RFC 3640 §3.3.5: AAC-lbr has 6 and 2 bits.
    @Test func aacAtALowBitrate() throws {
        let media = MediaDescription(
            kind: .audio, formats: ["97"],
            attributes: [
                SDPAttribute("rtpmap", "97 mpeg4-generic/22050/1"),
                SDPAttribute(
                    "fmtp",
                    "97 streamtype=5; profile-level-id=14; mode=AAC-lbr; config=1388; sizeLength=6; indexLength=2; "
                        + "indexDeltaLength=2; constantDuration=1024; maxDisplacement=0"),
            ])
        var depacketizer = try RTPFormat(media: media).makeDepacketizer()
        let samples = try depacketizer.depacketize(Self.packet(1, 0, [0, 16, 2 << 2, 1 << 2, 9, 8, 7]))
        #expect(Self.frames(samples) == [[9, 8], [7]])
    }

    @Test func aacInPieces() throws {
        let frame = Self.bytes(3000)
        var packetizer = try Self.aac().makePacketizer(
            ssrc: 1, sequenceNumber: .max, timestampOffset: 5, maxPayloadSize: 1400)
        let packets = packetizer.packetize(Sample(frame: frame[...], presentationTime: 1000))
        // §3.2.3: each piece tells the size of the whole; §3.1: the marker is on the last.
        #expect(packets.map(\.payload.count) == [1400, 1400, 212])
        #expect(packets.map(\.marker) == [false, false, true])
        #expect(packets.allSatisfy { $0.payload.prefix(4) == [0, 16, 0x5D, 0xC0] && $0.timestamp == 1005 })
        #expect(packets.map(\.sequenceNumber) == [.max, 0, 1])
        var depacketizer = try Self.aac().makeDepacketizer()
        let samples = try packets.flatMap { try depacketizer.depacketize($0) }
        #expect(Self.frames(samples) == [frame])
        // A piece that is missing costs its frame, and no other.
        var lossy = try Self.aac().makeDepacketizer()
        let more = packetizer.packetize(Sample(frame: frame[...], presentationTime: 2024))
        var received: [Sample] = []
        for packet in [packets[0], packets[2]] + more { received += (try? lossy.depacketize(packet)) ?? [] }
        #expect(received.map(\.presentationTime) == [2029])
        #expect(lossy.lostPacketCount == 1)
        #expect(lossy.droppedSampleCount == 1)
    }

    @Test(
        arguments: [
            // Headers longer than the packet, none at all, half a header, frames longer than the packet, interleaved frames.
            ([0, 200, 0, 8], "longer than the packet"), ([0, 0, 1, 2], "no AU-header"), ([0, 8, 0, 1], "cut off"),
            ([0, 32, 0, 0x10, 0, 0x10, 1, 2, 3], "cut off"), ([0, 32, 0, 8, 0, 9, 1, 2], "Interleaved"),
        ] as [([UInt8], String)])
    func aacThatIsMalformed(payload: [UInt8], mention: String) throws {
        var depacketizer = try Self.aac().makeDepacketizer()
        let error = #expect(throws: RTPPayloadError.self) {
            try depacketizer.depacketize(Self.packet(1, 0, payload))
        }
        #expect(error?.description.contains(mention) == true)
        #expect(depacketizer.droppedSampleCount == 1)
        // The next one is read again.
        #expect(Self.frames(try depacketizer.depacketize(Self.packet(2, 0, [0, 16, 0, 8, 7]))) == [[7]])
    }

    /// RFC 6416 §4: 255 and 45 are a length of 300 (ISO/IEC 14496-3 §1.7.3.1); as ffmpeg 5.1 begins: E9 is 233.
    @Test func aacInLATM() throws {
        let media = MediaDescription(
            kind: .audio, formats: ["97"],
            attributes: [
                SDPAttribute("rtpmap", "97 MP4A-LATM/48000/2"),
                SDPAttribute("fmtp", "97 profile-level-id=41;cpresent=0;config=400023203fc0"),
            ])
        let format = try RTPFormat(media: media)
        #expect(format.media == .aac(try #require(AACConfiguration([0x11, 0x90]))))
        #expect(format.aacPacking == .latm)
        var depacketizer = format.makeDepacketizer()
        let (short, long) = (Self.bytes(233), Self.bytes(300, 9))
        let element: [UInt8] = [0xE9] + short + [0xFF, 45] + long
        let samples = try depacketizer.depacketize(Self.packet(1, 0, element))
        #expect(Self.frames(samples) == [short, long])
        #expect(samples.map(\.presentationTime) == [0, 1024])
        // In two packets, and cut off.
        #expect(try depacketizer.depacketize(Self.packet(2, 2048, marker: false, [UInt8](element[..<100]))).isEmpty)
        let rest = try depacketizer.depacketize(Self.packet(3, 2048, [UInt8](element[100...])))
        #expect(Self.frames(rest) == [short, long])
        #expect(throws: RTPPayloadError.self) { try depacketizer.depacketize(Self.packet(4, 4096, [0xFF, 0xFF])) }
        #expect(throws: RTPPayloadError.self) { try depacketizer.depacketize(Self.packet(5, 4096, [9, 1])) }
    }

    /// RFC 7587 §4.2, RFC 3551 §4.5.14: the payload is the sound.
    @Test func opusAndG711AreWhatThePacketsHold() throws {
        for (media, seconds) in [
            (MediaFormat.opus(channelCount: 2), 960), (.g711(.mu, sampleRate: 8000, channelCount: 1), 160),
        ] as [(MediaFormat, Int64)] {
            let format = RTPFormat(media, payloadType: 97)
            var packetizer = format.makePacketizer(timestampOffset: 0)
            var depacketizer = format.makeDepacketizer()
            let frame: [UInt8] = [0xF8] + Self.bytes(159)
            let packets = packetizer.packetize(Sample(frame: frame[...], presentationTime: 77))
            #expect(packets.map { [UInt8]($0.payload) } == [frame])
            let samples = try packets.flatMap { try depacketizer.depacketize($0) }
            #expect(samples == [Sample(frame: frame[...], presentationTime: 77)])
            #expect(media.duration(of: frame[...], clockRate: format.clockRate) == seconds)
            // Nothing is heard of a packet without payload, and nothing twice.
            #expect(try depacketizer.depacketize(Self.packet(packets[0].sequenceNumber &+ 1, 99, [])).isEmpty)
            #expect(try depacketizer.depacketize(packets[0]).isEmpty)
        }
    }

    @Test func g711IsDividedBetweenInstants() throws {
        let format = RTPFormat(.g711(.a, sampleRate: 16_000, channelCount: 2))
        var packetizer = format.makePacketizer(timestampOffset: 0, maxPayloadSize: 65)
        let packets = packetizer.packetize(Sample(frame: Self.bytes(150)[...], presentationTime: 10))
        #expect(packets.map(\.payload.count) == [64, 64, 22])
        #expect(packets.map(\.timestamp) == [10, 42, 74])
    }

    /// RFC 2250 §3.5: four bytes, then the frames; the second one is 1152/48000 s later, 2160 at 90 kHz.
    @Test func mpegAudio() throws {
        let format = RTPFormat(.mp3(nil), payloadType: 14)
        // ffmpeg 5.1, `-c:a libmp3lame`: 384 bytes in a frame.
        let frame = hexBytes("fffb9464") + Self.bytes(380)
        var depacketizer = format.makeDepacketizer()
        let samples = try depacketizer.depacketize(Self.packet(1, 500, marker: false, [0, 0, 0, 0] + frame + frame))
        #expect(Self.frames(samples) == [frame, frame])
        #expect(samples.map(\.presentationTime) == [500, 2660])

        var packetizer = format.makePacketizer(timestampOffset: 0, maxPayloadSize: 204)
        let packets = packetizer.packetize(samples[0])
        #expect(packets.map { [UInt8]($0.payload.prefix(4)) } == [[0, 0, 0, 0], [0, 0, 0, 200]])
        var again = format.makeDepacketizer()
        #expect(Self.frames(try packets.flatMap { try again.depacketize($0) }) == [frame])
        // A piece without its beginning, no header, and half of one.
        for payload: [UInt8] in [[0, 0, 0, 200, 1, 2], [0, 0, 0, 0, 1, 2, 3, 4], [0, 0]] {
            var depacketizer = format.makeDepacketizer()
            #expect(throws: RTPPayloadError.self) { try depacketizer.depacketize(Self.packet(1, 0, payload)) }
        }
    }

    /// 16 kB a packet for as long as somebody likes to send them.
    @Test func aFrameInPiecesIsBounded() throws {
        let media = MediaDescription(
            kind: .audio, formats: ["97"],
            attributes: [
                SDPAttribute("rtpmap", "97 mpeg4-generic/48000/2"),
                SDPAttribute("fmtp", "97 sizelength=32; config=1190"),
            ])
        var wide = try RTPFormat(media: media).makeDepacketizer()
        let error = #expect(throws: RTPPayloadError.self) {
            try wide.depacketize(Self.packet(1, 0, [0, 32, 0xFF, 0xFF, 0xFF, 0xFF, 1]))
        }
        #expect(error == .sampleTooLarge(byteCount: 0xFFFF_FFFF, limit: 65_536))
        var latm = FrameDepacketizer(LATMPayloadFormat(frameDuration: 1024))
        let piece = [UInt8](repeating: 255, count: 16_000)
        for number in 1...4 {
            #expect(try latm.depacketize(Self.packet(UInt16(number), 0, marker: false, piece)).isEmpty)
        }
        #expect(throws: RTPPayloadError.sampleTooLarge(byteCount: 80_000, limit: 65_536)) {
            try latm.depacketize(Self.packet(5, 0, marker: false, piece))
        }
    }

    @Test func whatIsNotUnderstoodKeepsItsGaps() throws {
        var depacketizer = GenericDepacketizer()
        var packetizer = GenericPacketizer(
            numbering: RTPNumbering(payloadType: 98, ssrc: 9, sequenceNumber: 1000, timestampOffset: 0))
        var packets: [RTPPacket] = []
        for (number, time) in [(UInt16(65_534), UInt32(4_294_967_000)), (65_535, 728), (1, 2776), (65_535, 728)] {
            for sample in depacketizer.depacketize(Self.packet(number, time, marker: number == 1, [1, 2])) {
                packets += packetizer.packetize(sample)
            }
        }
        #expect(packets.map(\.sequenceNumber) == [1000, 1001, 1003])
        #expect(packets.map { $0.timestamp &- packets[0].timestamp } == [0, 1024, 3072])
        #expect(packets.map(\.marker) == [false, false, true])
        #expect(depacketizer.lostPacketCount == 1)
    }
}

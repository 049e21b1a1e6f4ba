import StreamProtocols

extension Property {
    /// Packets of sound, damaged or hostile; the frames that come out are packetized and put together again.
    static let sound = Property(name: "sound", longestInput: 1 << 16) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        var input = InputReader(bytes)
        let choices = input.byte()
        guard let track = track(choices) else { throw Violation("a configuration of ours can't be read") }
        var depacketizer = track.makeDepacketizer()
        var sequenceNumber: UInt16 = 0
        var timestamp: UInt32 = 0
        while !input.isAtEnd {
            let head = input.byte()
            sequenceNumber &+= head & 0x80 != 0 ? UInt16(input.byte()) : 1
            if head & 0x40 != 0 { timestamp &+= input.uint32() }
            let packet = RTPPacket(
                marker: head & 0x20 != 0, payloadType: 96, sequenceNumber: sequenceNumber, timestamp: timestamp,
                ssrc: 1, payload: input.bytes(Int(head & 0x1F) * Int(input.byte())))
            for sample in (try? depacketizer.depacketize(packet)) ?? [] { try check(sample, track) }
        }
    }

    private static func track(_ choices: UInt8) -> RTPFormat? {
        guard let aac = AACConfiguration([0x11, 0x90]) else { return nil }
        let packings: [AACPacking] = [
            .highBitrate, .latm, .accessUnitHeaders(sizeLength: 32, indexLength: 0, indexDeltaLength: 0),
            .accessUnitHeaders(sizeLength: 1, indexLength: 32, indexDeltaLength: 1),
        ]
        return switch choices & 7 {
        case 0...3: RTPFormat(.aac(aac), aacPacking: packings[Int(choices & 3)])
        case 4: RTPFormat(.opus(channelCount: 2))
        case 5: RTPFormat(.g711(.mu, sampleRate: 8000, channelCount: Int(choices >> 3)))
        case 6: RTPFormat(.mp3(nil))
        default:
            RTPFormat(.generic(GenericFormat(kind: .audio, encodingName: "x", clockRate: 1000)))
        }
    }

    private static func check(_ sample: Sample, _ track: RTPFormat) throws(Violation) {
        var media = track.media
        _ = media.learn(from: sample)
        guard case .frame(let frame) = sample.payload else { return }
        try require(!frame.isEmpty && frame.count <= 1 << 16, "a frame of \(frame.count) bytes")
        try require(
            track.media.duration(of: frame, clockRate: track.clockRate) >= 0, "\(frame) lasts less than nothing")
        var packetizer = track.makePacketizer(ssrc: 1, sequenceNumber: 0, timestampOffset: 0, maxPayloadSize: 64)
        let packets = packetizer.packetize(sample)
        // What is divided in the same timestamp is one frame again.
        guard Set(packets.map(\.timestamp)).count == 1 else { return }
        var depacketizer = track.served.makeDepacketizer()
        var again: [ArraySlice<UInt8>] = []
        for packet in packets {
            do throws(RTPPayloadError) {
                for case .frame(let frame) in try depacketizer.depacketize(packet).map(\.payload) {
                    again.append(frame)
                }
            } catch {
                throw Violation("\(frame): \(error)")
            }
        }
        try require(again == [frame], "\(frame) became \(again)")
    }

    /// Configurations and headers of sound.
    static let soundHeaders = Property(name: "sound-headers", longestInput: 4096) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        if let configuration = AACConfiguration(bytes) {
            try require(
                AACConfiguration(configuration.bytes) == configuration,
                "\(configuration) is another when it is read again")
            try check(.aac(configuration))
        }
        if let framed = ADTSFrame(bytes) {
            try require(framed.frame.endIndex <= bytes.endIndex && !framed.frame.isEmpty, "\(framed) is no part of it")
            try check(.aac(framed.configuration))
        }
        for (encoding, parameters) in [("MPEG4-GENERIC", "sizelength=13"), ("MP4A-LATM", "cpresent=0")] {
            let digits = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            let media = MediaDescription(
                kind: .audio, formats: ["96"],
                attributes: [
                    SDPAttribute("rtpmap", "96 \(encoding)/48000"),
                    SDPAttribute("fmtp", "96 \(parameters);config=\(digits)"),
                ])
            guard let track = try? RTPFormat(media: media) else { continue }
            let again = try? RTPFormat(media: track.served.mediaDescription())
            try require(again == track.served, "\(track) became \(String(describing: again))")
        }
        var mp3 = MediaFormat.mp3(nil)
        if mp3.learn(from: Sample(frame: bytes, presentationTime: 0)) == .changed { try check(mp3) }
        // RFC 6716 §3.2.5: at most 120 ms.
        let duration = MediaFormat.opus(channelCount: 2).duration(of: bytes, clockRate: 48_000)
        try require((0...5760).contains(duration), "a packet of Opus that is too long")
    }

    private static func check(_ format: MediaFormat) throws(Violation) {
        guard let entry = format.sampleEntry else { throw Violation("\(format) has no sample entry") }
        _ = FMP4InitSegment(tracks: [FMP4Track(sampleEntry: entry)]).serialized()
        guard let stream = TSElementaryStream(format) else { return }
        var muxer = TSMuxer(streams: [stream])
        var written: [UInt8] = []
        muxer.appendTables(to: &written)
        muxer.appendAudio(frame: [1, 2, 3], presentationTime: 0, streamIndex: 0, to: &written)
        try require(written.count == 3 * 188, "\(format) is not three packets")
    }
}

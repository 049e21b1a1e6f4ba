import StreamProtocols

extension Property {
    static let sdp = Property(name: "sdp", longestInput: 65_536) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        guard let description = try? SessionDescription(parsing: bytes) else { return }
        for media in description.media {
            _ = media.direction
            guard let track = try? RTPFormat(passingOn: media) else { continue }
            let again = try? RTPFormat(passingOn: track.mediaDescription(control: media.control))
            try require(again == track.served, "\(track) became \(String(describing: again))")
            _ = track.media.pictureFormat
            _ = track.media.sampleEntry
        }
        let written = description.serialized()
        // Lines that were left out are written, and damaged UTF-8 grows, so a description at the limit may exceed it.
        guard written.utf8.count <= 65_536, let again = try? SessionDescription(parsing: written.utf8) else { return }
        try require(again.serialized() == written, "\(written.debugDescription) is not stable")
        try require(again.media.count == description.media.count, "\(written.debugDescription) lost media")
    }

    static let rtp = Property(name: "rtp", longestInput: 65_535) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        _ = RTPPacket.transportNumber(in: bytes, id: 4)
        guard let packet = try? RTPPacket(parsing: bytes) else { return }
        let again = try? RTPPacket(parsing: packet.serialized())
        try require(again == packet, "\(packet) became \(String(describing: again))")
    }

    /// Compounds, written twice: the first time fills up what the sender left out.
    static let rtcp = Property(name: "rtcp", longestInput: 65_535) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        guard let packets = try? RTCPPacket.parseCompound(bytes) else { return }
        let written = RTCPPacket.serializeCompound(packets)
        guard let again = try? RTCPPacket.parseCompound(written) else {
            throw Violation("\(packets) can't be read again")
        }
        try require(RTCPPacket.serializeCompound(again) == written, "\(packets) became \(again)")
        // A few bytes may name many packets, and must not take more room for it.
        let named = packets.map { if case .transportFeedback(let feedback) = $0 { feedback.statuses.count } else { 0 } }
        try require(named.reduce(0, +) <= 2 * bytes.count, "\(named) statuses of \(bytes.count) bytes")
    }

    /// Packets of a damaged or hostile stream; the pictures that come out are packetized and put together again.
    static let depacketizer = Property(name: "depacketizer", longestInput: 1 << 16) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        var input = InputReader(bytes)
        let choices = input.byte()
        let codec: VideoCodec = choices & 1 == 0 ? .h264 : .h265
        let track = RTPFormat(MediaFormat(codec))
        var depacketizer = track.makeDepacketizer(trustsMarker: choices & 2 == 0)
        var sequenceNumber: UInt16 = 0
        var timestamp: UInt32 = 0
        while !input.isAtEnd {
            let head = input.byte()
            sequenceNumber &+= head & 0x80 != 0 ? UInt16(input.byte()) : 1
            if head & 0x40 != 0 { timestamp &+= input.uint32() }
            let packet = RTPPacket(
                marker: head & 0x20 != 0, payloadType: 96, sequenceNumber: sequenceNumber, timestamp: timestamp,
                ssrc: 1,
                payload: input.bytes(Int(head & 0x1F) * Int(input.byte())))
            for unit in (try? depacketizer.depacketize(packet)) ?? [] { try check(unit, codec) }
        }
    }

    private static func check(_ unit: Sample, _ codec: VideoCodec) throws(Violation) {
        try require(unit.nalUnits.contains { codec.kind(of: $0).isPicture }, "a unit without picture: \(unit)")
        try require(unit.nalUnits.count <= H264Depacketizer.maxNALUnitCount, "too many NAL units")
        try require(
            unit.isRandomAccess == (RandomAccess(codec: codec, nalUnits: unit.nalUnits) != nil), "\(unit)")
        _ = unit.nalUnits.map(codec.isReordered)
        let track = RTPFormat(MediaFormat(codec))
        var packetizer = track.makePacketizer(ssrc: 1, sequenceNumber: 0, timestampOffset: 0, maxPayloadSize: 64)
        var depacketizer = track.makeDepacketizer()
        var again: [Sample] = []
        for packet in packetizer.packetize(unit) {
            do throws(RTPPayloadError) {
                again += try depacketizer.depacketize(packet)
            } catch {
                throw Violation("\(unit): \(error)")
            }
        }
        try require(again.map(\.nalUnits) == [unit.nalUnits], "\(unit) became \(again)")
    }

    /// Decoding times only go forward, whatever the presentation times do.
    static let timestamps = Property(name: "timestamps", longestInput: 8192) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        var input = InputReader(bytes)
        var unwrapper = RTPTimestampUnwrapper()
        var estimator = DecodeTimeEstimator(reorderDepth: Int(input.byte()), frameDuration: input.int64())
        var last: Int64?
        var time: Int64 = 0
        while !input.isAtEnd {
            let timestamp = input.uint32()
            let unwrapped = unwrapper.unwrap(timestamp)
            try require(UInt32(truncatingIfNeeded: unwrapped) == timestamp, "\(timestamp) became \(unwrapped)")
            // Far from the ends of Int64, as the times of a stream that begins at 0 are for millions of years.
            time = unwrapped
            let decodeTime = estimator.decodeTime(forPresentationTime: time)
            if let last { try require(decodeTime > last, "\(decodeTime) after \(last)") }
            last = decodeTime
        }
    }
}

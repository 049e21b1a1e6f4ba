import NIOCore
import StreamProtocols

/// One track of a stream: takes the publisher's packets apart, and makes those that viewers get. Its SSRC, sequence
/// numbers and timestamps go on when the publisher changes.
final class StreamTrack {
    let index: Int
    let ssrc: UInt32
    private(set) var format: StreamFormat

    private var timeline: TrackTimeline
    private let timestampOffset: UInt32
    private(set) var nextSequenceNumber: UInt16
    private var input: Input
    private var packetizer: (any RTPPacketizer)?
    private let allocator: ByteBufferAllocator

    /// Sent so far, modulo 2³² as sender reports have it (RFC 3550 §6.4.1).
    private var packetCount: UInt32 = 0
    private var octetCount: UInt32 = 0

    private enum Input {
        case accessUnits(any RTPDepacketizer)
        case opaque(OpaqueInput)
    }

    /// The state of passing packets on.
    private struct OpaqueInput {
        var unwrapper = RTPTimestampUnwrapper()
        /// Added to the publisher's sequence numbers, so that gaps stay gaps.
        var sequenceOffset: UInt16?
    }

    init(index: Int, format: StreamFormat, maximumPayloadSize: Int, allocator: ByteBufferAllocator) {
        self.index = index
        self.format = format
        self.allocator = allocator
        // RFC 3550 §5.1: all three are random.
        ssrc = .random(in: .min ... .max)
        timestampOffset = .random(in: .min ... .max)
        nextSequenceNumber = .random(in: .min ... .max)
        timeline = TrackTimeline(clockRate: format.clockRate)
        input = Self.input(for: format)
        switch format {
        case .accessUnits(let track):
            packetizer = track.makePacketizer(
                ssrc: ssrc, sequenceNumber: nextSequenceNumber, timestampOffset: timestampOffset,
                maxPayloadSize: maximumPayloadSize)
        case .opaque:
            packetizer = nil
        }
    }

    /// Packets of the publisher that never came, and access units dropped for that.
    private(set) var lostPacketCount: UInt64 = 0

    /// Goes on with another publisher, whose format is compatible.
    func publisherChanged(format newFormat: StreamFormat) {
        switch (format, newFormat) {
        case (.accessUnits(var current), .accessUnits(let new)):
            // Viewers know the payload type; only the parameter sets are news.
            current.parameterSets = new.parameterSets ?? current.parameterSets
            format = .accessUnits(current)
        case (.opaque, _), (.accessUnits, .opaque):
            break
        }
        input = Self.input(for: format)
        timeline.publisherChanged()
    }

    private static func input(for format: StreamFormat) -> Input {
        switch format {
        case .accessUnits(let track): .accessUnits(track.makeDepacketizer())
        case .opaque: .opaque(OpaqueInput())
        }
    }

    /// What a publisher's packet completes.
    struct Output {
        var batch: MediaBatch
        /// nil when the packet was passed on unread.
        var unit: AccessUnit?
    }

    /// Takes one RTP packet of the publisher.
    ///
    /// - Returns: what viewers get now, in order.
    /// - Throws: what is wrong with the packet; the track goes on with the next one.
    func receive(rtp bytes: [UInt8], now: Duration) throws -> [Output] {
        let packet = try RTPPacket(parsing: bytes)
        switch input {
        case .accessUnits(var depacketizer):
            // The depacketizer must have one owner while its buffers grow.
            input = .opaque(OpaqueInput())
            defer {
                lostPacketCount = depacketizer.lostPacketCount
                input = .accessUnits(depacketizer)
            }
            return try depacketizer.depacketize(packet).compactMap { output(of: $0, now: now) }
        case .opaque(var state):
            defer { input = .opaque(state) }
            return passOn(packet, &state, now: now).map { [$0] } ?? []
        }
    }

    private func output(of publishedUnit: AccessUnit, now: Duration) -> Output? {
        var unit = publishedUnit
        noteParameterSets(of: &unit)
        unit.timestamp = timeline.place(unit.timestamp, arrival: now)
        guard let packets = packetizer?.packetize(unit), let last = packets.last else { return nil }
        nextSequenceNumber = last.sequenceNumber &+ 1
        return batch(packets, timestamp: unit.timestamp, isRandomAccess: unit.isRandomAccess)
            .map { Output(batch: $0, unit: unit) }
    }

    /// Remembers new parameter sets, and puts the current ones into a keyframe that comes without: viewers that began
    /// with others, and containers, need them there.
    private func noteParameterSets(of unit: inout AccessUnit) {
        guard case .accessUnits(var track) = format else { return }
        let codec = track.codec
        if let sets = VideoParameterSets(codec: codec, nalUnits: unit.nalUnits) {
            if sets != track.parameterSets {
                track.parameterSets = sets
                format = .accessUnits(track)
            }
        } else if unit.isRandomAccess, let sets = track.parameterSets {
            // Behind the delimiter, if there is one (ITU-T H.264 §7.4.1.2.3, H.265 §7.4.2.4.4), and instead of an
            // incomplete set.
            var nalUnits = unit.nalUnits.filter { codec.kind(of: $0) != .parameterSet }
            let start = nalUnits.firstIndex { codec.kind(of: $0) != .accessUnitDelimiter } ?? nalUnits.endIndex
            nalUnits.insert(contentsOf: sets.nalUnits.map { $0[...] }, at: start)
            unit.nalUnits = nalUnits
        }
    }

    private func passOn(_ packet: RTPPacket, _ state: inout OpaqueInput, now: Duration) -> Output? {
        guard case .opaque(_, let payloadType, _) = format else { return nil }
        // RFC 3550 §5.1: sequence numbers are modulo 2¹⁶.
        let offset = state.sequenceOffset ?? (nextSequenceNumber &- packet.sequenceNumber)
        state.sequenceOffset = offset
        let timestamp = timeline.place(state.unwrapper.unwrap(packet.timestamp), arrival: now)
        var copy = packet
        copy.ssrc = ssrc
        copy.payloadType = payloadType
        copy.sequenceNumber = packet.sequenceNumber &+ offset
        copy.timestamp = rtpTimestamp(timestamp)
        nextSequenceNumber = copy.sequenceNumber &+ 1
        return batch([copy], timestamp: timestamp, isRandomAccess: false).map { Output(batch: $0, unit: nil) }
    }

    private func batch(_ packets: [RTPPacket], timestamp: Int64, isRandomAccess: Bool) -> MediaBatch? {
        guard
            let batch = MediaBatch(
                packets: packets, track: index, timestamp: timestamp, isRandomAccess: isRandomAccess,
                allocator: allocator)
        else { return nil }
        packetCount &+= UInt32(truncatingIfNeeded: batch.packetCount)
        octetCount &+= UInt32(truncatingIfNeeded: batch.octetCount)
        return batch
    }

    private func rtpTimestamp(_ timestamp: Int64) -> UInt32 {
        // RFC 3550 §5.1: timestamps are modulo 2³².
        UInt32(truncatingIfNeeded: timestamp) &+ timestampOffset
    }

    /// The report that tells viewers which wall-clock time the track is at; nil before the first unit.
    func senderReport(now: Duration, wallTime: NTPTimestamp) -> [UInt8]? {
        guard let time = timeline.time(at: now) else { return nil }
        return RTCPPacket.serializeCompound([
            .senderReport(
                RTCPSenderReport(
                    ssrc: ssrc, ntpTimestamp: wallTime, rtpTimestamp: rtpTimestamp(time), packetCount: packetCount,
                    octetCount: octetCount)),
            .sourceDescription(RTCPSourceDescription(ssrc: ssrc, cname: "toposync")),
        ])
    }

    /// RFC 3550 §6.6
    var goodbye: [UInt8] {
        RTCPPacket.serializeCompound([
            .receiverReport(RTCPReceiverReport(ssrc: ssrc)),
            .sourceDescription(RTCPSourceDescription(ssrc: ssrc, cname: "toposync")),
            .goodbye(RTCPGoodbye(ssrcs: [ssrc])),
        ])
    }
}

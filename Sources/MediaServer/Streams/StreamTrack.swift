import NIOCore
import StreamProtocols

/// One track of a stream: takes the publisher's packets apart, and makes those that viewers get. Its SSRC, sequence
/// numbers and timestamps go on when the publisher changes.
final class StreamTrack {
    let index: Int
    let ssrc: UInt32
    /// As viewers are told of it.
    private(set) var format: RTPFormat

    private var timeline: TrackTimeline
    private var depacketizer: any RTPDepacketizer
    private var packetizer: any RTPPacketizer
    private let allocator: ByteBufferAllocator

    /// Sent so far, modulo 2³² as sender reports have it (RFC 3550 §6.4.1).
    private var packetCount: UInt32 = 0
    private var octetCount: UInt32 = 0

    init(index: Int, format: RTPFormat, maximumPayloadSize: Int, allocator: ByteBufferAllocator) {
        self.index = index
        self.format = format.served
        self.allocator = allocator
        timeline = TrackTimeline(clockRate: format.clockRate)
        depacketizer = format.makeDepacketizer()
        packetizer = format.makePacketizer(maxPayloadSize: maximumPayloadSize)
        ssrc = packetizer.numbering.ssrc
    }

    /// Packets of the publisher that never came.
    var lostPacketCount: UInt64 { depacketizer.lostPacketCount }

    /// Whether viewers can go on with a publisher of another format.
    func accepts(_ other: RTPFormat) -> Bool {
        format.media.isCompatible(with: other.media) && format.clockRate == other.clockRate
    }

    /// Goes on with another publisher, whose format is accepted.
    func publisherChanged(format newFormat: RTPFormat) {
        // Viewers know the payload type; only the parameter sets are news.
        if !newFormat.media.parameterSets.isEmpty { format.media = newFormat.media }
        depacketizer = newFormat.makeDepacketizer()
        timeline.publisherChanged()
    }

    /// What a publisher's packet completes.
    struct Output {
        var batch: MediaBatch
        var sample: Sample
    }

    /// Takes one RTP packet of the publisher.
    ///
    /// - Returns: what viewers get now, in order.
    /// - Throws: what is wrong with the packet; the track goes on with the next one.
    func receive(rtp bytes: [UInt8], now: Duration) throws -> [Output] {
        try depacketizer.depacketize(RTPPacket(parsing: bytes)).compactMap { output(of: $0, now: now) }
    }

    private func output(of publishedSample: Sample, now: Duration) -> Output? {
        var sample = publishedSample
        noteFormat(of: &sample)
        sample.presentationTime = timeline.place(sample.presentationTime, arrival: now)
        let isKeyframe = sample.isRandomAccess && format.media.kind == .video
        guard
            let batch = MediaBatch(
                packets: packetizer.packetize(sample), track: index, timestamp: sample.presentationTime,
                isRandomAccess: isKeyframe, allocator: allocator)
        else { return nil }
        packetCount &+= UInt32(truncatingIfNeeded: batch.packetCount)
        octetCount &+= UInt32(truncatingIfNeeded: batch.octetCount)
        return Output(batch: batch, sample: sample)
    }

    /// Remembers new parameter sets, and puts the current ones into a keyframe that comes without: viewers that began
    /// with others, and containers, need them there.
    private func noteFormat(of sample: inout Sample) {
        if format.media.learn(from: sample) { return }
        guard sample.isRandomAccess, let codec = format.media.videoCodec else { return }
        let sets = format.media.parameterSets
        guard !sets.isEmpty, MediaFormat(codec: codec, nalUnits: sample.nalUnits) == nil else { return }
        // Behind the delimiter, if there is one (ITU-T H.264 §7.4.1.2.3, H.265 §7.4.2.4.4), and instead of an
        // incomplete set.
        var nalUnits = sample.nalUnits.filter { codec.kind(of: $0) != .parameterSet }
        let start = nalUnits.firstIndex { codec.kind(of: $0) != .accessUnitDelimiter } ?? nalUnits.endIndex
        nalUnits.insert(contentsOf: sets.map { $0[...] }, at: start)
        sample.payload = .nalUnits(nalUnits)
    }

    /// The report that tells viewers which wall-clock time the track is at; nil before the first unit.
    func senderReport(now: Duration, wallTime: NTPTimestamp) -> [UInt8]? {
        guard let time = timeline.time(at: now) else { return nil }
        return RTCPPacket.serializeCompound([
            .senderReport(
                RTCPSenderReport(
                    ssrc: ssrc, ntpTimestamp: wallTime, rtpTimestamp: packetizer.numbering.rtpTimestamp(of: time),
                    packetCount: packetCount,
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

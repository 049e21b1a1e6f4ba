import Logging
import NIOCore
import StreamProtocols

/// What one path carries: takes the publisher's packets and fans them out. It outlives its publisher: viewers stay while
/// another one comes.
///
/// Confined to the engine's event loop.
final class Stream {
    /// RFC 3550 §6.2 recommends 5 s as the least interval of reports.
    static let reportInterval: Duration = .seconds(5)
    /// Tracks of one stream at most; interleaved channels are numbered in one byte.
    static let trackLimit = 16

    let path: String
    let tracks: [StreamTrack]
    private(set) var hasPublisher = true
    /// Bytes of RTP and RTCP that the publisher sent.
    private(set) var inboundByteCount = 0
    /// Packets that could not be used.
    private(set) var inboundErrorCount = 0
    private var groupOfPictures = GroupOfPictures()
    private var readers: [any StreamReader] = []
    private var consumers: [any StreamConsumer] = []
    private let clock: EngineClock
    private let logger: Logger
    private var reportTimer: LoopTimer?
    /// The track by whose random access points viewers begin.
    let leadingTrack: Int?

    init(
        path: String, formats: [RTPFormat], maximumPayloadSize: Int, clock: EngineClock, logger: Logger
    ) {
        self.path = path
        self.clock = clock
        self.logger = logger
        let allocator = ByteBufferAllocator()
        tracks = formats.prefix(Self.trackLimit).enumerated().map { index, format in
            StreamTrack(
                index: index, format: format, maximumPayloadSize: maximumPayloadSize, allocator: allocator)
        }
        leadingTrack = tracks.firstIndex { $0.format.media.videoCodec != nil }
    }

    var hasRandomAccess: Bool { leadingTrack != nil }

    /// The format of the pictures; nil when there is no track that is understood.
    var pictureFormat: MediaFormat? { leadingTrack.map { tracks[$0].format.media } }

    /// Bytes that a viewer that is added now gets at once.
    var groupOfPicturesByteCount: Int { groupOfPictures.byteCount }

    var isUsed: Bool { !readers.isEmpty || !consumers.isEmpty }

    var lostPacketCount: UInt64 { tracks.reduce(0) { $0 + $1.lostPacketCount } }

    // MARK: Publisher

    /// Whether viewers can go on with a publisher of other formats.
    func accepts(_ formats: [RTPFormat]) -> Bool {
        formats.count == tracks.count && zip(tracks, formats).allSatisfy { $0.accepts($1) }
    }

    /// Goes on with another publisher whose formats are accepted.
    func publisherChanged(formats: [RTPFormat]) {
        hasPublisher = true
        groupOfPictures.clear()
        for (track, format) in zip(tracks, formats) { track.publisherChanged(format: format) }
        for consumer in consumers { consumer.streamStarted(self) }
        updateReportTimer()
    }

    /// The publisher is gone; another may follow.
    func publisherLeft() {
        hasPublisher = false
        groupOfPictures.clear()
        updateReportTimer()
    }

    /// Takes a packet of the publisher.
    func receive(rtp bytes: [UInt8], track index: Int) {
        inboundByteCount += bytes.count
        guard tracks.indices.contains(index) else { return }
        let outputs: [StreamTrack.Output]
        do {
            outputs = try tracks[index].receive(rtp: bytes, now: clock.now)
        } catch {
            inboundErrorCount += 1
            // One line for the first, and for each time that their number has doubled.
            if inboundErrorCount & (inboundErrorCount - 1) == 0 {
                logger.warning(
                    "A packet of the publisher was not used",
                    metadata: [
                        "path": "\(path)", "error": "\(error)", "count": "\(inboundErrorCount)",
                    ])
            }
            return
        }
        for output in outputs { fanOut(output) }
    }

    func noteInbound(byteCount: Int) { inboundByteCount += byteCount }

    private func fanOut(_ output: StreamTrack.Output) {
        if leadingTrack != nil { groupOfPictures.append(output.batch) }
        for reader in readers { reader.deliver(output.batch) }
        for reader in readers { reader.flush() }
        for consumer in consumers { consumer.receive(output) }
    }

    // MARK: Viewers

    /// Where a viewer that begins now begins.
    struct Start {
        /// Of the first packet that it will get.
        var sequenceNumber: UInt16
        var rtpTimestamp: UInt32
    }

    /// Where a track begins for a viewer that is added now; nil when it has to wait for a random access point.
    func start(ofTrack index: Int) -> Start? {
        groupOfPictures.batches.first { $0.track == index }
            .map { Start(sequenceNumber: $0.firstSequenceNumber, rtpTimestamp: $0.rtpTimestamp) }
    }

    /// Adds a viewer, which gets the current group of pictures at once.
    func add(_ reader: any StreamReader) {
        readers.append(reader)
        let now = clock.now
        let wallTime = NTPTimestamp(sinceUnixEpoch: .milliseconds(clock.wallTime.millisecondsSinceEpoch))
        for track in tracks {
            if let report = track.senderReport(now: now, wallTime: wallTime) {
                reader.deliver(report: report, track: track.index)
            }
        }
        for batch in groupOfPictures.batches { reader.deliver(batch) }
        reader.flush()
        updateReportTimer()
    }

    func remove(_ reader: any StreamReader) {
        readers.removeAll { $0 === reader }
        updateReportTimer()
    }

    func add(_ consumer: any StreamConsumer) {
        consumers.append(consumer)
        consumer.streamStarted(self)
    }

    func remove(_ consumer: any StreamConsumer) {
        consumers.removeAll { $0 === consumer }
    }

    /// The current group of pictures, put together again from its packets.
    func backlog() -> [Sample] {
        guard let leadingTrack else { return [] }
        var depacketizer = tracks[leadingTrack].format.makeDepacketizer()
        return groupOfPictures.batches.lazy.filter { $0.track == leadingTrack }.flatMap { batch in
            batch.datagrams.flatMap { datagram -> [Sample] in
                guard let packet = try? RTPPacket(parsing: [UInt8](datagram.readableBytesView)) else { return [] }
                return (try? depacketizer.depacketize(packet)) ?? []
            }.map { sample in
                var sample = sample
                sample.presentationTime = batch.timestamp
                return sample
            }
        }
    }

    /// Ends the stream for everybody.
    func end() {
        hasPublisher = false
        let ended = readers
        let endedConsumers = consumers
        readers = []
        consumers = []
        updateReportTimer()
        for reader in ended {
            for track in tracks { reader.deliver(report: track.goodbye, track: track.index) }
            reader.flush()
            reader.streamEnded()
        }
        for consumer in endedConsumers { consumer.streamEnded() }
    }

    // MARK: Reports

    private func updateReportTimer() {
        guard hasPublisher, !readers.isEmpty else {
            reportTimer?.cancel()
            reportTimer = nil
            return
        }
        guard reportTimer == nil else { return }
        reportTimer = clock.schedule(after: Self.reportInterval) { [weak self] in
            guard let self else { return }
            self.reportTimer = nil
            self.sendReports()
            self.updateReportTimer()
        }
    }

    private func sendReports() {
        let now = clock.now
        let wallTime = NTPTimestamp(sinceUnixEpoch: .milliseconds(clock.wallTime.millisecondsSinceEpoch))
        for track in tracks {
            guard let report = track.senderReport(now: now, wallTime: wallTime) else { continue }
            for reader in readers { reader.deliver(report: report, track: track.index) }
        }
        for reader in readers { reader.flush() }
    }

    // MARK: Description

    /// The control attribute of a track, relative to the stream's URL.
    static func control(ofTrack index: Int) -> String { "trackID=\(index)" }

    /// What DESCRIBE answers.
    var sessionDescription: SessionDescription {
        SessionDescription(
            origin: .init(sessionID: "0", sessionVersion: "0"),
            name: path,
            connection: "IN IP4 0.0.0.0",
            attributes: [SDPAttribute("control", "*"), SDPAttribute("range", "npt=now-")],
            media: tracks.map { $0.format.mediaDescription(control: Self.control(ofTrack: $0.index)) }
        )
    }
}

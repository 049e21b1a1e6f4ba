import Logging
import NIOCore
import StreamProtocols

/// What one path carries: takes the publisher's samples and fans them out, as packets where somebody sends packets. It
/// outlives its publisher: viewers stay while another one comes.
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
    private var timeline: StreamTimeline
    private var wallClock = WallClockLine()
    private var groups: PictureGroups
    private var unitCount: UInt64 = 0
    private var readers: [any StreamReader] = []
    /// How many of ``readers`` send packets.
    private var packetReaderCount = 0
    private let clock: EngineClock
    private let logger: Logger
    private var reportTimer: LoopTimer?
    /// The tracks of pictures, each with keyframes of its own at which viewers begin. Without any they begin anywhere.
    let pictureTracks: [Int]
    /// By track; none for what has no keyframes.
    private var requesters: [Int: KeyframeRequester] = [:]
    /// Who is asked for keyframes.
    weak var publisher: (any PathPublisher)?

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
        timeline = StreamTimeline(tracks.map(\.format))
        pictureTracks = tracks.indices.filter { [tracks] in tracks[$0].format.media.videoCodec != nil }
        groups = PictureGroups(pictureTracks: pictureTracks, trackCount: tracks.count)
        for index in pictureTracks {
            requesters[index] = KeyframeRequester(clock: clock) { [weak self] in self?.askForKeyframe(ofTrack: index) }
        }
    }

    /// What viewers are told of the tracks.
    var formats: [RTPFormat] { tracks.map(\.format) }

    /// Bytes that a viewer that is added now gets at once.
    var groupOfPicturesByteCount: Int { groups.byteCount }

    var isUsed: Bool { !readers.isEmpty }

    var lostPacketCount: UInt64 { tracks.reduce(0) { $0 + $1.lostPacketCount } }

    // MARK: Publisher

    /// Whether viewers can go on with a publisher of other formats.
    func accepts(_ formats: [RTPFormat]) -> Bool {
        formats.count == tracks.count && zip(tracks, formats).allSatisfy { $0.accepts($1) }
    }

    /// Goes on with another publisher whose formats are accepted.
    func publisherChanged(formats: [RTPFormat]) {
        hasPublisher = true
        forgetPictures()
        for (track, format) in zip(tracks, formats) { track.publisherChanged(format: format) }
        timeline.publisherChanged()
        for reader in readers {
            reader.streamStarted(self)
            wantKeyframes(for: reader)
        }
        updateReportTimer()
    }

    /// The publisher is gone; another may follow.
    func publisherLeft() {
        hasPublisher = false
        publisher = nil
        forgetPictures()
        updateReportTimer()
    }

    private func forgetPictures() {
        groups.clear()
        for requester in requesters.values { requester.forget() }
    }

    /// Takes a packet of the publisher.
    func receive(rtp bytes: [UInt8], track index: Int) {
        inboundByteCount += bytes.count
        do throws(RTPPacketError) {
            take(try RTPPacket(parsing: bytes), track: index)
        } catch {
            receivedUnusable(error, byteCount: 0)
        }
    }

    /// Takes packets of the publisher.
    ///
    /// - Parameter byteCount: of what came, which may be other packets than those whose turn it is now.
    func receive(_ packets: [RTPPacket], byteCount: Int, track index: Int) {
        inboundByteCount += byteCount
        for packet in packets { take(packet, track: index) }
    }

    private func take(_ packet: RTPPacket, track index: Int) {
        guard tracks.indices.contains(index) else { return }
        let samples: [Sample]
        do throws(RTPPayloadError) {
            samples = try tracks[index].receive(packet)
        } catch {
            receivedUnusable(error, byteCount: 0)
            return
        }
        for sample in samples { publish(sample, track: index) }
    }

    /// Something came of the publisher that is no packet, or not of its track.
    func receivedUnusable(_ error: any Error, byteCount: Int) {
        inboundByteCount += byteCount
        inboundErrorCount += 1
        // One line for the first, and for each time that their number has doubled.
        guard inboundErrorCount & (inboundErrorCount - 1) == 0 else { return }
        logger.warning(
            "A packet of the publisher was not used",
            metadata: ["path": "\(path)", "error": "\(error)", "count": "\(inboundErrorCount)"])
    }

    /// Takes what the publisher says about a track.
    func receive(rtcp bytes: [UInt8], track index: Int) {
        inboundByteCount += bytes.count
        guard tracks.indices.contains(index), let packets = try? RTCPPacket.parseCompound(bytes) else { return }
        for case .senderReport(let report) in packets { timeline.report(report, track: index, now: clock.now) }
    }

    private func publish(_ publishedSample: Sample, track index: Int) {
        var sample = publishedSample
        sample.presentationTime = timeline.place(sample.presentationTime, track: index, now: clock.now)
        let requester = requesters[index]
        let unit = StreamUnit(
            number: unitCount, track: index, sample: sample, media: tracks[index].format.media,
            isKeyframe: requester != nil && sample.isRandomAccess, wallTime: clock.wallTime)
        unitCount += 1
        if unit.isKeyframe { requester?.keyframeCame() }
        groups.append(unit)
        if packetReaderCount > 0 {
            let isFirst = !tracks[index].hasPackets
            unit.packetize(by: tracks[index])
            // Before its first packet, so that nobody has to guess how the tracks belong together.
            if isFirst { sendReports(to: readers) }
        }
        for reader in readers { reader.deliver(unit) }
        for reader in readers { reader.flush() }
    }

    // MARK: Viewers

    /// What a viewer that sends packets gets at once when it is added now.
    func packetizedGroups() -> [StreamUnit] {
        let units = groups.units
        // Those that came while nobody needed packets have none.
        for unit in units { unit.packetize(by: tracks[unit.track]) }
        return units
    }

    /// Adds a reader, which gets the current groups of pictures at once.
    func add(_ reader: any StreamReader) {
        readers.append(reader)
        reader.streamStarted(self)
        let units: [StreamUnit]
        if reader.readsPackets {
            packetReaderCount += 1
            units = packetizedGroups()
            sendReports(to: [reader])
        } else {
            units = groups.units
        }
        for unit in units { reader.deliver(unit) }
        reader.flush()
        wantKeyframes(for: reader)
        updateReportTimer()
    }

    private func wantKeyframes(for reader: any StreamReader) {
        for (track, requester) in requesters where reader.reads(track: track) {
            requester.viewerCame(hasGroup: groups.hasGroup(ofTrack: track))
        }
    }

    /// A viewer says that it can't go on without a keyframe of a track.
    func keyframeWanted(ofTrack index: Int) { requesters[index]?.keyframeWanted() }

    private func askForKeyframe(ofTrack index: Int) {
        // Before its first packet, a publisher is about to begin with one.
        guard let ssrc = tracks[index].publisherSSRC else { return }
        publisher?.requestKeyframe(ofTrack: index, ssrc: ssrc)
    }

    func remove(_ reader: any StreamReader) {
        guard let index = readers.firstIndex(where: { $0 === reader }) else { return }
        readers.remove(at: index)
        if reader.readsPackets { packetReaderCount -= 1 }
        updateReportTimer()
    }

    /// Ends the stream for everybody.
    func end() {
        hasPublisher = false
        publisher = nil
        forgetPictures()
        let ended = readers
        readers = []
        packetReaderCount = 0
        updateReportTimer()
        for reader in ended {
            for track in tracks { reader.deliver(report: track.goodbye, track: track.index) }
            reader.flush()
            reader.streamEnded()
        }
    }

    // MARK: Reports

    private func updateReportTimer() {
        guard hasPublisher, packetReaderCount > 0 else {
            reportTimer?.cancel()
            reportTimer = nil
            return
        }
        guard reportTimer == nil else { return }
        reportTimer = clock.schedule(after: Self.reportInterval) { [weak self] in
            guard let self else { return }
            self.reportTimer = nil
            self.sendReports(to: self.readers)
            self.updateReportTimer()
        }
    }

    /// All tracks' reports tell the same moment, which is how viewers keep sound with its picture.
    private func sendReports(to readers: [any StreamReader]) {
        guard let time = timeline.time(at: clock.now) else { return }
        let wallTime = wallClock.wallTime(
            of: time, now: .milliseconds(clock.wallTime.millisecondsSinceEpoch))
        for track in tracks {
            guard
                let report = track.senderReport(
                    time: timeline.ticks(time, track: track.index), wallTime: NTPTimestamp(sinceUnixEpoch: wallTime))
            else { continue }
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

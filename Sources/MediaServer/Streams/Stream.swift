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
    /// By track of pictures.
    private var orders: [Int: PictureOrder] = [:]
    private var unitCount: UInt64 = 0
    /// The viewers, by the event loops that they live on.
    private var loops: [ReaderLoop] = []
    /// How many of the viewers get packets of each profile.
    private var readerCounts: [PacketProfile: Int] = [:]
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

    var isUsed: Bool { !loops.isEmpty }

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
        let start = start(reports: [], group: [])
        for loop in loops {
            loop.begin(start)
            for member in loop.members { wantKeyframes(for: member) }
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
        orders = [:]
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

    /// Takes a sample of a publisher that sends no packets.
    ///
    /// - Parameter byteCount: of what came for it.
    func receive(_ sample: Sample, track index: Int, byteCount: Int) {
        inboundByteCount += byteCount
        guard tracks.indices.contains(index) else { return }
        publish(sample, track: index)
    }

    /// Takes what such a publisher says about the times of a track.
    func receive(report: RTCPSenderReport, track index: Int) {
        guard tracks.indices.contains(index) else { return }
        timeline.report(report, track: index, now: clock.now)
    }

    /// Something came of the publisher that is no packet, or not of its track.
    func receivedUnusable(_ error: any Error, byteCount: Int) {
        inboundByteCount += byteCount
        inboundErrorCount += 1
        guard Self.isToldOf(inboundErrorCount) else { return }
        logger.warning(
            "A packet of the publisher was not used",
            metadata: ["path": "\(path)", "error": "\(error)", "count": "\(inboundErrorCount)"])
    }

    /// Whether there is a line in the log: for the first, and for each time that their number has doubled.
    private static func isToldOf(_ count: Int) -> Bool { count & (count - 1) == 0 }

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
        if requester != nil {
            orders[index, default: PictureOrder()].take(
                presentationTime: sample.presentationTime, isKeyframe: unit.isKeyframe)
        }
        var packetized = PacketizedUnit(unit)
        for profile in readerCounts.keys {
            let isFirst = !tracks[index].packets(for: profile).hasPackets
            packetized.packetize(for: profile, by: tracks[index])
            // Before its first packet, so that nobody has to guess how the tracks belong together.
            if isFirst { sendReports(for: profile) }
        }
        groups.append(packetized)
        for loop in loops { loop.deliver(packetized) }
    }

    // MARK: Viewers

    /// What a reader of some tracks gets at once when it is added now.
    func group(of tracks: Set<Int>, as form: ReaderForm) -> [Delivery] {
        // Of whatever track: they are numbered in order.
        if case .packets(let profile) = form { groups.packetize(for: profile, by: self.tracks) }
        return groups.units.filter { tracks.contains($0.unit.track) }.map { $0.delivery(as: form) }
    }

    /// Adds a reader, which gets the current groups of pictures at once.
    func add(_ reader: any StreamReader) {
        let member = StreamMember(reader, of: self)
        if case .packets(let profile) = member.form { readerCounts[profile, default: 0] += 1 }
        let group = group(of: member.tracks, as: member.form)
        let reports = reports(as: member.form).filter { member.tracks.contains($0.track) }
        loop(of: reader).add(member, start(reports: reports, group: group))
        wantKeyframes(for: member)
        updateReportTimer()
    }

    private func loop(of reader: any StreamReader) -> ReaderLoop {
        if let loop = loops.first(where: { $0.eventLoop === reader.eventLoop }) { return loop }
        let loop = ReaderLoop(reader.eventLoop, tracks: tracks.map(\.index), pictureTracks: pictureTracks) {
            [logger, path] count in
            guard Self.isToldOf(count) else { return }
            logger.warning(
                "Viewers lack pictures because a core can't keep up with sending",
                metadata: ["path": "\(path)", "count": "\(count)"])
        }
        loops.append(loop)
        return loop
    }

    private func start(reports: [StreamReport], group: [Delivery]) -> StreamStart {
        StreamStart(formats: formats, pictureTracks: pictureTracks, reports: reports, group: group)
    }

    private func wantKeyframes(for member: StreamMember) {
        for (track, requester) in requesters where member.tracks.contains(track) {
            requester.viewerCame(hasGroup: groups.hasGroup(ofTrack: track))
        }
    }

    /// A viewer says that it can't go on without a keyframe of a track.
    func keyframeWanted(ofTrack index: Int) { requesters[index]?.keyframeWanted() }

    /// Whether a track's pictures are sent in another order than they are shown in, as far as has been seen.
    func isReordered(track index: Int) -> Bool { orders[index]?.isReordered ?? false }

    /// Asks for keyframes that its publisher does not make by itself, for those who watch and who may come: segments and players
    /// begin at them.
    func keepKeyframesComing() {
        guard isUsed else { return }
        for requester in requesters.values { requester.freshKeyframeWanted() }
    }

    private func askForKeyframe(ofTrack index: Int) {
        // Before its first packet, a publisher is about to begin with one.
        guard let ssrc = tracks[index].publisherSSRC else { return }
        publisher?.requestKeyframe(ofTrack: index, ssrc: ssrc)
    }

    /// Removes a reader. One on another event loop may still be given what is on the way.
    func remove(_ reader: any StreamReader) {
        guard let loop = loops.first(where: { $0.eventLoop === reader.eventLoop }), let member = loop.remove(reader)
        else { return }
        if loop.members.isEmpty { loops.removeAll { $0 === loop } }
        if case .packets(let profile) = member.form {
            let count = (readerCounts[profile] ?? 0) - 1
            readerCounts[profile] = count > 0 ? count : nil
        }
        updateReportTimer()
    }

    /// Ends the stream for everybody.
    func end() {
        hasPublisher = false
        publisher = nil
        forgetPictures()
        let goodbyes = Dictionary(
            uniqueKeysWithValues: readerCounts.keys.map { profile in
                (ReaderForm.packets(profile), tracks.map { $0.packets(for: profile).goodbye })
            })
        let ended = loops
        loops = []
        readerCounts = [:]
        updateReportTimer()
        for loop in ended {
            loop.end { member in (goodbyes[member.form] ?? []).filter { member.tracks.contains($0.track) } }
        }
    }

    // MARK: Reports

    private func updateReportTimer() {
        guard hasPublisher, !readerCounts.isEmpty else {
            reportTimer?.cancel()
            reportTimer = nil
            return
        }
        guard reportTimer == nil else { return }
        reportTimer = clock.schedule(after: Self.reportInterval) { [weak self] in
            guard let self else { return }
            reportTimer = nil
            for profile in readerCounts.keys { sendReports(for: profile) }
            updateReportTimer()
        }
    }

    /// Tells a reader anew which times of its tracks belong together, for viewers that it has got since. It lives on the stream's
    /// event loop.
    func tellTimes(to reader: any StreamReader) {
        for report in reports(as: reader.form) { reader.deliver(report) }
    }

    private func sendReports(for profile: PacketProfile) {
        let form = ReaderForm.packets(profile)
        let reports = reports(as: form)
        guard !reports.isEmpty else { return }
        for loop in loops { loop.deliver(reports, as: form) }
    }

    /// All tracks' reports tell the same moment, which is how viewers keep sound with its picture.
    private func reports(as form: ReaderForm) -> [StreamReport] {
        guard case .packets(let profile) = form, let time = timeline.time(at: clock.now) else { return [] }
        let wallTime = wallClock.wallTime(
            of: time, now: .milliseconds(clock.wallTime.millisecondsSinceEpoch))
        return tracks.compactMap { track in
            track.packets(for: profile).senderReport(
                time: timeline.ticks(time, track: track.index), wallTime: NTPTimestamp(sinceUnixEpoch: wallTime))
        }
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

import NIOCore
import SecureRTP
import StreamProtocols
import Synchronization

/// What one viewer by WebRTC is sent of a stream, on an event loop of its own: which of the pictures, as packets that are protected for it,
/// and at what pace. Its session and the way to it live on the engine's.
///
/// Unchecked: all that changes is used on its event loop alone.
final class WebRTCSender: StreamReader, @unchecked Sendable {
    /// What its session has to know.
    enum Event: Sendable {
        /// The viewer can't go on without a keyframe of a track.
        case keyframeWanted(track: Int)
        /// The line would carry the same in fewer bits; or, where that is what it gets, more of them again, perhaps.
        case renditionWished(RenditionWish.Wish)
        /// What comes of this path can't be sent, because of what the text says; the one that it had to leave may be.
        case pathUnfit(String)
        /// It can be sent nothing more, because of what the text says.
        case failed(String)
    }

    /// Compounds of the viewer that may be on their way to its event loop: whoever sends more than is read loses them.
    static let feedbackLimit = 64

    let form = ReaderForm.packets(.webRTC)
    /// Called on its event loop; to be set before anything is sent.
    var onEvent: (@Sendable (Event) -> Void)?

    private let loop: WebRTCLoop
    private let counts = ReaderCounts()
    private let tracks: [Int: WebRTCTrackSender]
    private let cname: String
    private var sealer: PacketSealer?
    private var route: (any WebRTCRoute)?
    /// Whether something was given to the route since it was flushed.
    private var isUnflushed = false
    private var feedback = WebRTCFeedback()
    private let waitingFeedbackCount = Atomic(0)
    private var line = ViewerLine()
    /// nil before the beginning.
    private var gates: ReaderGates?
    private var pictureTracks: Set<Int> = []
    private var wish = RenditionWish()
    /// Whether the same is to be had in more bits.
    private var isLowered = false
    /// Whether what begins next is another stream's.
    private var isMoving = false
    /// Whether nothing of the stream can be sent.
    private var isUnfit = false
    /// Units that were left out of the streams before.
    private var formerDropCount = 0
    private var bound: QueueBound
    private let queues: ReaderQueues
    private var queuedByteCount = 0
    private var waiting = WaitingPackets()
    /// What is the viewer's own already: what is sent again, and what the system has no room for.
    private var pacer = DatagramPacer()
    private var pacerTimer: LoopTimer?
    private var isOver = false

    init(_ answer: WHEPAnswer, on loop: WebRTCLoop, queueLimit: Int, queues: ReaderQueues) {
        self.loop = loop
        self.queues = queues
        bound = QueueBound(limit: queueLimit)
        cname = answer.cname
        tracks = Dictionary(
            answer.tracks.map { ($0.trackIndex, WebRTCTrackSender($0, cname: answer.cname)) },
            uniquingKeysWith: { first, _ in first })
    }

    // MARK: On any event loop

    var eventLoop: any EventLoop { loop.eventLoop }

    var outboundByteCount: Int { counts.outboundByteCount }

    func tracks(of formats: [RTPFormat]) -> Set<Int> { Set(tracks.keys) }

    /// Everything goes this way from now on.
    func use(_ route: any WebRTCRoute) {
        onLoop { sender in
            sender.route = route
            sender.line.routeChanged()
            // What was tried was too much for the former one.
            sender.wish = RenditionWish()
        }
    }

    /// These protect what is sent from now on.
    func protect(by profile: SRTPProfile, _ keys: SRTPMasterKeys) {
        onLoop { sender in
            do throws(SRTPError) {
                sender.sealer = try PacketSealer(
                    profile: profile, key: keys.server, scratch: sender.loop.scratch.value)
            } catch {
                sender.fail("\(error)")
            }
        }
    }

    /// Takes what the viewer reports in a compound. Called on the engine's event loop alone.
    func take(_ packets: [RTCPPacket]) {
        guard waitingFeedbackCount.load(ordering: .relaxed) < Self.feedbackLimit else { return }
        waitingFeedbackCount.add(1, ordering: .relaxed)
        onLoop { sender in
            sender.waitingFeedbackCount.subtract(1, ordering: .relaxed)
            sender.takeCompound(packets)
        }
    }

    /// It has been removed from its stream, and comes to another one of the same tracks. All three reach its event loop in this order, so
    /// that no picture of the former stream comes behind one of the next.
    ///
    /// - Parameter isLowered: whether the same is to be had in more bits then.
    func move(isLowered: Bool) {
        onLoop { sender in
            sender.isLowered = isLowered
            sender.isMoving = true
            sender.isUnfit = false
            for track in sender.tracks.values { track.timestamps.streamChanged() }
            // It goes on with a keyframe: what waits would only come late.
            sender.waiting.removeAll()
        }
    }

    /// It has been removed from its stream: what still waits is not sent.
    ///
    /// - Parameter completion: called on its event loop, when the last has been sent.
    func stop(_ completion: @escaping @Sendable () -> Void) {
        onLoop { sender in
            sender.end()
            completion()
        }
    }

    private func onLoop(_ body: @escaping @Sendable (WebRTCSender) -> Void) {
        if eventLoop.inEventLoop {
            body(self)
        } else {
            eventLoop.execute { [self] in body(self) }
        }
    }

    // MARK: Figures

    /// To be asked for on its event loop.
    var currentFigures: Figures {
        let now = loop.clock.now
        let first = tracks.min { ($0.value.track.clockRate, $1.key) > ($1.value.track.clockRate, $0.key) }
        return Figures(
            byteCount: outboundByteCount, packetCount: packetCount,
            resentCount: tracks.values.reduce(0) { $0 + $1.resentCount },
            // Whoever asks for packets again says so earlier than its reports do.
            lostCount: max(feedback.lostCount, tracks.values.reduce(0) { $0 + $1.missedCount }),
            jitter: first.flatMap { feedback.jitter(of: $0.value.track.ssrc) } ?? 0,
            sentControlCount: sealer?.sentControlCount ?? 0, roundTrip: feedback.roundTrip,
            bitsPerSecond: line.sentRate(at: now), lineBitsPerSecond: line.estimate,
            leftOutCount: line.leftOutCount + formerDropCount + (gates?.droppedUnitCount ?? 0))
    }

    private var packetCount: Int { tracks.values.reduce(0) { $0 + Int($1.packetCount) } }

    // MARK: What the viewer reports

    private func takeCompound(_ packets: [RTCPPacket]) {
        let now = loop.clock.now
        // However often it says so in one of them, and whatever it misses: no more was ever known.
        var unshownTracks: Set<Int> = []
        var resendLimit = RTPHistory.packetLimit
        for packet in packets where !isOver {
            switch packet {
            case .pictureLossIndication(let indication):
                if let track = track(of: indication.mediaSSRC) { unshownTracks.insert(track) }
            case .fullIntraRequest(let request):
                unshownTracks.formUnion(request.entries.compactMap { track(of: $0.ssrc) })
            case .genericNACK(let nack):
                let numbers = nack.sequenceNumbers.prefix(resendLimit)
                resendLimit -= numbers.count
                resend(numbers, of: nack.mediaSSRC)
            case .receiverReport(let report): take(report.reportBlocks)
            case .senderReport(let report): take(report.reportBlocks)
            case .transportFeedback(let feedback): line.take(feedback, at: now)
            case .receiverEstimate(let estimate): line.take(estimate, at: now)
            case .sourceDescription, .goodbye, .other: break
            }
        }
        for track in unshownTracks where line.mayAskForKeyframe(at: now) { onEvent?(.keyframeWanted(track: track)) }
    }

    private func take(_ blocks: [RTCPReportBlock]) {
        let now = loop.clock.now
        if let fraction = feedback.take(blocks, of: ssrcs, at: now) { line.lost(fraction: fraction, at: now) }
    }

    private var ssrcs: [UInt32] { tracks.values.map(\.track.ssrc) }

    private func track(of ssrc: UInt32) -> Int? { tracks.first { $0.value.track.ssrc == ssrc }?.key }

    private func resend(_ numbers: ArraySlice<UInt16>, of ssrc: UInt32) {
        // Where too much is waiting, asking for more helps nobody.
        guard let track = track(of: ssrc), let sealer, !numbers.isEmpty, !isCongested else { return }
        let now = loop.clock.now
        let packets = sealer.seal(numbers) { number, bytes in
            tracks[track]?.writeRetransmission(
                of: number, at: now, number: { line.number(ofPacketWith: $0, at: now) }, to: &bytes)
        }
        line.send(byteCount: packets.reduce(0) { $0 + $1.byteCount }, at: now)
        append(packets)
        drain()
        flush()
    }

    // MARK: StreamReader

    func begin(_ start: StreamStart) {
        pictureTracks = Set(start.pictureTracks).intersection(tracks.keys)
        for track in tracks.values { track.order = PictureOrder() }
        if gates == nil || isMoving {
            formerDropCount += gates?.droppedUnitCount ?? 0
            gates = ReaderGates(tracks: tracks.keys.sorted(), pictureTracks: start.pictureTracks)
        }
        for report in start.reports { deliver(report) }
        // Sound of the past would only come too late.
        let pictures = start.group.filter { pictureTracks.contains($0.unit.track) }
        if !pictures.isEmpty {
            bound.begin(groupByteCount: pictures.reduce(0) { $0 + $1.unit.byteCount })
            var past = PastTimestamps(pictures)
            for picture in pictures { deliver(picture, timestamp: past.next(for: picture)) }
        }
        // The first of them may have been placed otherwise than by the reports.
        if isMoving { for report in start.reports { deliver(report) } }
        isMoving = false
    }

    func deliver(_ delivery: Delivery) { deliver(delivery, timestamp: nil) }

    private func deliver(_ delivery: Delivery, timestamp: UInt32?) {
        let unit = delivery.unit
        guard !isOver, let track = tracks[unit.track], let batch = delivery.packets,
            admits(unit, of: track, byteCount: batch.byteCount)
        else { return }
        let now = loop.clock.now
        line.send(byteCount: batch.byteCount, at: now)
        let placed = track.timestamps.place(timestamp ?? batch.rtpTimestamp, at: now)
        waiting.append(
            batch.packets, byteCount: batch.byteCount, track: unit.track, shift: placed &- batch.rtpTimestamp)
        drain()
    }

    private func admits(_ unit: StreamUnit, of track: WebRTCTrackSender, byteCount: Int) -> Bool {
        guard pictureTracks.contains(unit.track) else {
            // Sound goes on while pictures are left out.
            return packetCount > 0 && !pictureTracks.isEmpty
                ? !isCongested : gates?.admit(unit, isCongested: isCongested) == true
        }
        track.order.take(presentationTime: unit.sample.presentationTime, isKeyframe: unit.isKeyframe)
        guard !isUnfit, !track.order.isReordered else {
            reordered()
            return false
        }
        let now = loop.clock.now
        let decision = line.decide(PictureChoice.Kind(unit), byteCount: byteCount, at: now)
        if let wished = wish.look(isNarrow: line.isNarrow(at: now), isLowered: isLowered, at: now) {
            onEvent?(.renditionWished(wished))
        }
        guard decision != .leaveOut else { return false }
        return gates?.admit(unit, isCongested: decision == .skip || isCongested) == true
    }

    private func reordered() {
        let reason = "\(WebRTCRefusal.reordered)"
        guard isLowered else { return fail(reason) }
        if !isUnfit { onEvent?(.pathUnfit(reason)) }
        isUnfit = true
    }

    func deliver(_ report: StreamReport) {
        guard let shared = report.senderReport, let track = tracks[report.track] else { return }
        feedback.sent(shared.ntpTimestamp, of: track.track.ssrc, at: loop.clock.now)
        send(control: track.senderReport(shared))
    }

    func flush() {
        // Called for every picture of the stream, also those that this viewer did not get.
        guard isUnflushed else { return }
        isUnflushed = false
        route?.flush()
    }

    /// - Returns: the bytes that are done with; those without a way are.
    private func give(_ run: DatagramRun) -> Int {
        isUnflushed = true
        return route?.send(run) ?? run.byteCount
    }

    func streamEnded(_ goodbyes: [StreamReport]) {
        let ssrcs = ssrcs
        // One that was moved goes on with what it had to leave.
        guard !isLowered, let first = ssrcs.first else { return }
        send(
            control: RTCPPacket.serializeCompound([
                .receiverReport(RTCPReceiverReport(ssrc: first)),
                .sourceDescription(RTCPSourceDescription(ssrc: first, cname: cname)),
                .goodbye(RTCPGoodbye(ssrcs: ssrcs)),
            ]))
        flush()
    }

    private func send(control compound: [UInt8]) {
        guard let sealer, let route else { return }
        isUnflushed = true
        sealer.send(control: compound, by: route)
    }

    // MARK: Pace

    /// Whether it has to do without the next unit, because too much waits for it.
    private var isCongested: Bool {
        let isWaiting = !pacer.isEmpty || !waiting.isEmpty
        note(queued: pacer.queuedByteCount + waiting.byteCount)
        return bound.isExceeded(queued: queuedByteCount, isIdle: !isWaiting) || isWaiting && queues.isExceeded
            || route?.isCongested ?? false
    }

    private func note(queued: Int) {
        queues.changed(from: queuedByteCount, to: queued)
        queuedByteCount = queued
    }

    private func append(_ packets: [DatagramRun]) {
        counts.sent(packets.reduce(0) { $0 + $1.byteCount })
        pacer.append(packets)
    }

    private func drain() {
        guard let delay = sendWhatMayGo(at: loop.clock.now), pacerTimer == nil else { return }
        pacerTimer = loop.clock.schedule(after: delay) { [weak self] in
            guard let self else { return }
            pacerTimer = nil
            drain()
            flush()
        }
    }

    /// - Returns: after how long to go on; nil when nothing is left.
    private func sendWhatMayGo(at now: Duration) -> Duration? {
        // Before there are keys, nothing comes.
        guard let sealer else { return nil }
        while true {
            if let delay = pacer.drain(now: now, give) { return delay }
            guard !waiting.isEmpty else { return nil }
            guard pacer.budget > 0, let run = waiting.next(pacer.budget) else { return DatagramPacer.interval }
            guard let track = tracks[run.track] else { continue }
            append(track.seal(run, at: now, by: sealer) { line.number(ofPacketWith: $0, at: now) })
        }
    }

    // MARK: End

    private func fail(_ reason: String) {
        guard !isOver else { return }
        end()
        onEvent?(.failed(reason))
    }

    private func end() {
        isOver = true
        pacerTimer?.cancel()
        waiting.removeAll()
        pacer.removeAll()
        note(queued: 0)
        (sealer, route) = (nil, nil)
    }
}

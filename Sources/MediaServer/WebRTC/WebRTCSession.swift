import NIOCore
import StreamModel
import StreamProtocols

/// A viewer of a path by WebRTC: what its transport is given of what the stream delivers.
///
/// Unchecked: it is confined to the engine's event loop.
final class WebRTCSession: PathReader, StreamReader, WebRTCMember, @unchecked Sendable {
    let client: WebRTCClient
    let created: String
    let entityTag = WebRTCSession.makeEntityTag()
    let localHost: IPAddress?

    let isHidden = false
    let form = ReaderForm.packets(.webRTC)
    var eventLoop: any EventLoop { clock.eventLoop }
    private(set) var outboundByteCount = 0
    private(set) var feedback = WebRTCFeedback()
    private(set) var line = ViewerLine()
    let transport: WebRTCTransport
    let clock: EngineClock

    /// What it is sent may be another path's than was asked for.
    let path: Path
    private let stream: Stream
    private let tracks: [Int: WebRTCTrackSender]
    private let cname: String
    /// nil before the beginning.
    private var gates: ReaderGates?
    private var pictureTracks: Set<Int> = []
    private var bound: QueueBound
    private let queues: ReaderQueues
    private var queuedByteCount = 0
    private var waiting = WaitingPackets()
    /// What is the viewer's own already: what is sent again, and what the system has no room for.
    private var pacer = DatagramPacer()
    private var pacerTimer: LoopTimer?
    private let onEnd: (WebRTCSession, _ reason: String) -> Void
    private var hasEnded = false

    /// What a session needs to know of the engine.
    struct Environment {
        var clock: EngineClock
        var queueLimit: Int
        var queues: ReaderQueues
        /// Called once, when nothing of it remains.
        var onEnd: (WebRTCSession, _ reason: String) -> Void
    }

    /// - Parameter localHost: the first of the addresses that the viewer was told.
    init(
        _ client: WebRTCClient, path: Path, stream: Stream, transport: WebRTCTransport, answer: WHEPAnswer,
        localHost: IPAddress?, environment: Environment
    ) {
        self.client = client
        self.localHost = localHost
        self.path = path
        self.stream = stream
        self.transport = transport
        clock = environment.clock
        created = environment.clock.wallTime.description
        bound = QueueBound(limit: environment.queueLimit)
        queues = environment.queues
        onEnd = environment.onEnd
        self.tracks = Dictionary(
            answer.tracks.map { ($0.trackIndex, WebRTCTrackSender($0, cname: answer.cname)) },
            uniquingKeysWith: { first, _ in first })
        cname = answer.cname
        transport.onEvent = { [weak self] in self?.take($0) }
    }

    var packetCount: Int { tracks.values.reduce(0) { $0 + Int($1.packetCount) } }

    var resentCount: Int { tracks.values.reduce(0) { $0 + $1.resentCount } }

    var missedCount: Int { tracks.values.reduce(0) { $0 + $1.missedCount } }

    /// Of its pictures where it has any, in units of their clock.
    var jitter: UInt32 {
        let first = tracks.min { ($0.value.track.clockRate, $1.key) > ($1.value.track.clockRate, $0.key) }
        return first.flatMap { feedback.jitter(of: $0.value.track.ssrc) } ?? 0
    }

    /// Pictures that it did not get because they would have been late.
    var leftOutCount: Int { line.leftOutCount + (gates?.droppedUnitCount ?? 0) }

    // MARK: The transport

    private func take(_ event: WebRTCTransport.Event) {
        switch event {
        case .connected: stream.add(self)
        case .routeChanged: line.routeChanged()
        case .feedback(let packets): for packet in packets { take(packet) }
        // A viewer has no keys for any.
        case .media: break
        case .ended(let reason): end(because: reason)
        }
    }

    private func take(_ packet: RTCPPacket) {
        switch packet {
        case .pictureLossIndication(let indication): keyframeWanted(of: indication.mediaSSRC)
        case .fullIntraRequest(let request): for entry in request.entries { keyframeWanted(of: entry.ssrc) }
        case .genericNACK(let nack): resend(nack)
        case .receiverReport(let report): take(report.reportBlocks)
        case .senderReport(let report): take(report.reportBlocks)
        case .transportFeedback(let feedback): line.take(feedback, at: clock.now)
        case .receiverEstimate(let estimate): line.take(estimate, at: clock.now)
        case .sourceDescription, .goodbye, .other: break
        }
    }

    private func take(_ blocks: [RTCPReportBlock]) {
        let now = clock.now
        if let fraction = feedback.take(blocks, of: ssrcs, at: now) { line.lost(fraction: fraction, at: now) }
    }

    private func keyframeWanted(of ssrc: UInt32) {
        guard let track = track(of: ssrc), line.mayAskForKeyframe(at: clock.now) else { return }
        stream.keyframeWanted(ofTrack: track)
    }

    private var ssrcs: [UInt32] { tracks.values.map(\.track.ssrc) }

    private func track(of ssrc: UInt32) -> Int? { tracks.first { $0.value.track.ssrc == ssrc }?.key }

    private func resend(_ nack: RTCPGenericNACK) {
        // Where too much is waiting, asking for more helps nobody.
        guard let track = track(of: nack.mediaSSRC), !isCongested else { return }
        let now = clock.now
        let packets = transport.seal(nack.sequenceNumbers) { number, bytes in
            tracks[track]?.writeRetransmission(
                of: number, at: now, number: { line.number(ofPacketWith: $0, at: now) }, to: &bytes)
        }
        line.send(byteCount: packets.reduce(0) { $0 + $1.byteCount }, at: now)
        append(packets)
        drain()
        flush()
    }

    // MARK: StreamReader

    func tracks(of formats: [RTPFormat]) -> Set<Int> { Set(tracks.keys) }

    func begin(_ start: StreamStart) {
        pictureTracks = Set(start.pictureTracks).intersection(tracks.keys)
        if gates == nil { gates = ReaderGates(tracks: tracks.keys.sorted(), pictureTracks: start.pictureTracks) }
        for report in start.reports { deliver(report) }
        // Sound of the past would only come too late.
        let pictures = start.group.filter { pictureTracks.contains($0.unit.track) }
        guard !pictures.isEmpty else { return }
        bound.begin(groupByteCount: pictures.reduce(0) { $0 + $1.unit.byteCount })
        var past = PastTimestamps(pictures)
        for picture in pictures { deliver(picture, timestamp: past.next(for: picture)) }
    }

    func deliver(_ delivery: Delivery) { deliver(delivery, timestamp: nil) }

    private func deliver(_ delivery: Delivery, timestamp: UInt32?) {
        let track = delivery.unit.track
        guard let batch = delivery.packets, admits(delivery.unit, byteCount: batch.byteCount), tracks[track] != nil
        else { return }
        line.send(byteCount: batch.byteCount, at: clock.now)
        waiting.append(batch.packets, byteCount: batch.byteCount, track: track, timestamp: timestamp)
        drain()
    }

    private func admits(_ unit: StreamUnit, byteCount: Int) -> Bool {
        guard pictureTracks.contains(unit.track) else {
            // Sound goes on while pictures are left out.
            return packetCount > 0 && !pictureTracks.isEmpty
                ? !isCongested : gates?.admit(unit, isCongested: isCongested) == true
        }
        guard !stream.isReordered(track: unit.track) else {
            // Not at once: the stream is going through its readers.
            clock.eventLoop.execute { self.end(because: "\(WebRTCRefusal.reordered)") }
            return false
        }
        let decision = line.decide(PictureChoice.Kind(unit), byteCount: byteCount, at: clock.now)
        guard decision != .leaveOut else { return false }
        return gates?.admit(unit, isCongested: decision == .skip || isCongested) == true
    }

    func deliver(_ report: StreamReport) {
        guard let shared = report.senderReport, let track = tracks[report.track] else { return }
        feedback.sent(shared.ntpTimestamp, of: track.track.ssrc, at: clock.now)
        transport.send(
            control: track.senderReport(rtpTimestamp: shared.rtpTimestamp, wallTime: shared.ntpTimestamp))
    }

    func flush() { transport.flush() }

    func streamEnded(_ goodbyes: [StreamReport]) {
        let ssrcs = ssrcs
        guard let first = ssrcs.first else { return }
        transport.send(
            control: RTCPPacket.serializeCompound([
                .receiverReport(RTCPReceiverReport(ssrc: first)),
                .sourceDescription(RTCPSourceDescription(ssrc: first, cname: cname)),
                .goodbye(RTCPGoodbye(ssrcs: ssrcs)),
            ]))
        flush()
    }

    // MARK: Pace

    /// Whether it has to do without the next unit, because too much waits for it.
    private var isCongested: Bool {
        let isWaiting = !pacer.isEmpty || !waiting.isEmpty
        note(queued: pacer.queuedByteCount + waiting.byteCount)
        return bound.isExceeded(queued: queuedByteCount, isIdle: !isWaiting) || isWaiting && queues.isExceeded
            || transport.isCongested
    }

    private func note(queued: Int) {
        queues.changed(from: queuedByteCount, to: queued)
        queuedByteCount = queued
    }

    private func append(_ packets: [DatagramRun]) {
        outboundByteCount += packets.reduce(0) { $0 + $1.byteCount }
        pacer.append(packets)
    }

    private func drain() {
        guard let delay = sendWhatMayGo(at: clock.now), pacerTimer == nil else { return }
        pacerTimer = clock.schedule(after: delay) { [weak self] in
            guard let self else { return }
            pacerTimer = nil
            drain()
            flush()
        }
    }

    /// - Returns: after how long to go on; nil when nothing is left.
    private func sendWhatMayGo(at now: Duration) -> Duration? {
        while true {
            if let delay = pacer.drain(now: now, { transport.send($0) }) { return delay }
            guard !waiting.isEmpty else { return nil }
            guard pacer.budget > 0, let run = waiting.next(pacer.budget) else { return DatagramPacer.interval }
            guard let track = tracks[run.track] else { continue }
            append(track.seal(run, at: now, by: transport) { line.number(ofPacketWith: $0, at: now) })
        }
    }

    // MARK: End

    func pathClosed(because reason: String) { end(because: reason) }

    /// Ends the session; nothing of it remains.
    func end(because reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        pacerTimer?.cancel()
        waiting.removeAll()
        pacer.removeAll()
        note(queued: 0)
        stream.remove(self)
        transport.close()
        path.remove(self)
        onEnd(self, reason)
    }
}

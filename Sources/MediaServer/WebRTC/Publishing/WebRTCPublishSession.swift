import EngineContract
import Logging
import SecureRTP
import StreamModel
import StreamProtocols

/// A client that publishes a path by WebRTC (WHIP, RFC 9725): takes its packets to the stream, and tells it how they come.
///
/// Confined to the engine's event loop.
final class WebRTCPublishSession: PathPublisher, WebRTCMember {
    /// Between two reports. RFC 3550 §6.2 wants as many as 5 % of what comes, which one a second is far from.
    static let reportInterval: Duration = .seconds(1)

    let client: WebRTCClient
    let created: String
    let entityTag = WebRTCPublishSession.makeEntityTag()
    let localHost: IPAddress?
    let transport: WebRTCTransport
    let viewerSender: WebRTCSender? = nil

    private let core: EngineCore
    private var tracks: [WebRTCTrackReceiver]
    /// By which header extension all packets are counted; nil when nobody wants to know.
    private let transportNumberID: UInt8?
    private var arrivals = TransportArrivals()
    /// Of the engine as the one who receives.
    private let ssrc = UInt32.random(in: 1 ... .max)
    private let cname = ICECredentials.random().usernameFragment
    /// nil before there are keys.
    private var sealer: PacketSealer?
    /// What is published, once there is media to come.
    private var path: Path?
    private var stream: Stream?
    private var received = RateMeter()
    private var gapTimer: LoopTimer?
    private var arrivalTimer: LoopTimer?
    private var reportTimer: LoopTimer?
    /// One that checks, and sends nothing, keeps its path from others as little as by RTMP.
    private var silence: SilenceWatch?
    private let onEnd: (WebRTCPublishSession, _ reason: String) -> Void
    private var hasEnded = false

    /// - Parameters:
    ///   - localHost: the first of the addresses that the publisher was told.
    ///   - onEnd: called once, when nothing of it remains.
    init(
        _ client: WebRTCClient, core: EngineCore, transport: WebRTCTransport, answer: WHIPAnswer,
        localHost: IPAddress?, onEnd: @escaping (WebRTCPublishSession, _ reason: String) -> Void
    ) {
        self.client = client
        self.core = core
        self.transport = transport
        self.localHost = localHost
        self.onEnd = onEnd
        created = core.clock.wallTime.description
        tracks = answer.tracks.map { WebRTCTrackReceiver($0) }
        transportNumberID = answer.tracks.lazy.compactMap(\.transportNumberExtensionID).first
        transport.onEvent = { [weak self] in self?.take($0) }
    }

    private var clock: EngineClock { core.clock }

    func snapshot(_: WebRTCSender.Figures) -> ControlAPI.WebRTCSession {
        ControlAPI.WebRTCSession(
            id: id, created: created, remoteAddr: remoteAddress?.description ?? "",
            peerConnectionEstablished: isConnected, localCandidate: candidates.local,
            remoteCandidate: candidates.remote, state: "publish", path: pathName, query: client.query,
            rtpPacketsSent: 0, rtpPacketsLost: Int(clamping: stream?.lostPacketCount ?? 0),
            rtpPacketsJitter: Double(tracks.first?.report?.jitter ?? 0),
            rtcpPacketsReceived: transport.receivedControlCount, rtcpPacketsSent: sealer?.sentControlCount ?? 0,
            bytesReceived: transport.inboundByteCount, bytesSent: 0, rtpPacketsResent: nil, roundTripMilliseconds: nil,
            bitsPerSecond: received.bitsPerSecond(at: clock.now), lineBitsPerSecond: nil, picturesLeftOut: nil,
            rtpPacketsReceived: tracks.reduce(0) { $0 + $1.packetCount })
    }

    // MARK: The transport

    private func take(_ event: WebRTCTransport.Event) {
        switch event {
        case .established(let profile, let keys):
            do throws(SRTPError) {
                sealer = try PacketSealer(profile: profile, key: keys.server, scratch: PacketScratch())
            } catch {
                return end(because: "\(error)")
            }
            publish()
        case .routeChanged: break
        case .feedback(let packets): take(packets)
        case .media(let packet): receive(packet)
        case .ended(let reason): end(because: reason)
        }
    }

    private func publish() {
        do throws(PathError) {
            try core.withPath(named: pathName) { path throws(PathError) in
                stream = try path.publish(self, formats: tracks.map(\.track.format))
                self.path = path
            }
        } catch {
            return end(because: "\(error)")
        }
        core.logger.info("WebRTC \(remoteAddress?.description ?? "?") publishes path '\(pathName)'")
        // Who publishes begins with a keyframe, which may get lost.
        for place in tracks.indices { stream?.keyframeWanted(ofTrack: place) }
        scheduleReports()
        silence = SilenceWatch(core) { [weak self] in self?.end(because: "nothing was heard for \($0)") }
    }

    private func take(_ packets: [RTCPPacket]) {
        for case .senderReport(let report) in packets {
            guard let place = tracks.firstIndex(where: { $0.ssrc == report.ssrc }) else { continue }
            tracks[place].received(report, at: clock.now)
            stream?.receive(report: report, track: place)
        }
    }

    // MARK: Media

    private func receive(_ bytes: [UInt8]) {
        let now = clock.now
        if let id = transportNumberID, let number = RTPPacket.transportNumber(in: bytes[...], id: id) {
            arrivals.received(number, at: now)
            reportArrivals()
        }
        let packet: RTPPacket
        do throws(RTPPacketError) {
            packet = try RTPPacket(parsing: bytes)
        } catch {
            stream?.receivedUnusable(error, byteCount: bytes.count)
            return
        }
        guard let place = tracks.firstIndex(where: { $0.takes(payloadType: packet.payloadType) }) else { return }
        received.add(bytes.count, at: now)
        silence?.heard()
        deliver(tracks[place].receive(packet, at: now), byteCount: bytes.count, ofTrack: place)
        watchGaps()
    }

    private func deliver(_ packets: [RTPPacket], byteCount: Int, ofTrack place: Int) {
        guard let stream, stream.tracks.indices.contains(place) else { return }
        let lostCount = stream.tracks[place].lostPacketCount
        stream.receive(packets, byteCount: byteCount, track: place)
        // What refers to the picture that is missing now shows nothing good.
        if stream.tracks[place].lostPacketCount > lostCount { stream.keyframeWanted(ofTrack: place) }
    }

    /// Asks for what is missing, and goes on without what does not come, also when nothing else comes.
    private func watchGaps() {
        guard gapTimer == nil, !hasEnded, let deadline = tracks.compactMap(\.deadline).min() else { return }
        gapTimer = clock.schedule(after: max(deadline - clock.now, .zero)) { [weak self] in
            guard let self else { return }
            gapTimer = nil
            for place in tracks.indices {
                let due = tracks[place].timerFired(at: clock.now)
                deliver(due.packets, byteCount: 0, ofTrack: place)
                if let source = tracks[place].ssrc, !due.missing.isEmpty {
                    say([
                        .genericNACK(
                            RTCPGenericNACK(ssrc: ssrc, mediaSSRC: source, sequenceNumbers: due.missing))
                    ])
                }
            }
            watchGaps()
        }
    }

    // MARK: What the publisher is told

    func requestKeyframe(ofTrack track: Int, ssrc mediaSSRC: UInt32) {
        say([.pictureLossIndication(RTCPPictureLossIndication(ssrc: ssrc, mediaSSRC: mediaSSRC))])
    }

    private func reportArrivals() {
        guard !arrivals.isFull else {
            arrivalTimer?.cancel()
            return sayArrivals()
        }
        guard arrivalTimer == nil, !arrivals.isEmpty else { return }
        arrivalTimer = clock.schedule(after: TransportArrivals.interval) { [weak self] in self?.sayArrivals() }
    }

    private func sayArrivals() {
        arrivalTimer = nil
        let source = tracks.lazy.compactMap(\.ssrc).first ?? 0
        for report in arrivals.takeReports(from: ssrc, of: source) { say([.transportFeedback(report)]) }
    }

    private func scheduleReports() {
        reportTimer = clock.schedule(after: Self.reportInterval) { [weak self] in
            guard let self else { return }
            say([], tracks.indices.compactMap { self.tracks[$0].makeReport(at: self.clock.now) })
            // Browsers make keyframes only for those who ask.
            stream?.keepKeyframesComing()
            scheduleReports()
        }
    }

    /// Sends a compound, which begins with a report and says who sends it (RFC 3550 §6.1).
    private func say(_ packets: [RTCPPacket], _ blocks: [RTCPReportBlock] = []) {
        let compound = RTCPPacket.serializeCompound(
            [
                .receiverReport(RTCPReceiverReport(ssrc: ssrc, reportBlocks: blocks)),
                .sourceDescription(RTCPSourceDescription(ssrc: ssrc, cname: cname)),
            ] + packets)
        guard let route = transport.route else { return }
        sealer?.send(control: compound, by: route)
        route.flush()
    }

    // MARK: End

    func accessChanged() {
        guard case .allowed = core.access.decide(client.access) else {
            return end(because: "its permission was withdrawn")
        }
    }

    func close(because reason: String) { end(because: reason) }

    func end(because reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        core.logRepeatable(
            .info,
            "WebRTC \(client.access.address?.description ?? "?") publishes path '\(pathName)' no more: \(reason)")
        for timer in [gapTimer, arrivalTimer, reportTimer] { timer?.cancel() }
        silence?.cancel()
        stream = nil
        transport.close()
        path?.publisherLeft(self)
        path = nil
        onEnd(self, reason)
    }
}

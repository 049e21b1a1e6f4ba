import NIOCore
import SecureRTP
import StreamProtocols

/// Memory in which packets are written and protected, and then lie one behind the other: all viewers of an event loop share it.
final class PacketScratch {
    /// What most packets need: a payload of 1180 bytes, its headers, and the tag.
    private static let packetByteCount = 1232

    private var packet: [UInt8] = []
    /// What still waits to be sent keeps it, and then there is another one.
    private var packets = ByteBuffer()

    /// Protects what `write` writes for each element.
    fileprivate func seal<Elements: Collection>(
        _ elements: Elements, with sender: inout SRTPSender?, _ write: (Elements.Element, inout [UInt8]) -> Void
    ) -> [DatagramRun] {
        // Those who miss packets may ask for more of them than there are.
        packets.clear(minimumCapacity: min(elements.count, DatagramRun.packetLimit) * Self.packetByteCount)
        let sizes = Self.seal(elements, with: &sender, write, &packet, &packets)
        return DatagramRun.runs(of: packets, sizes: sizes)
    }

    /// Without the checks of exclusive access that properties have each time.
    private static func seal<Elements: Collection>(
        _ elements: Elements, with sender: inout SRTPSender?, _ write: (Elements.Element, inout [UInt8]) -> Void,
        _ packet: inout [UInt8], _ packets: inout ByteBuffer
    ) -> [Int] {
        var sizes: [Int] = []
        sizes.reserveCapacity(elements.count)
        for element in elements {
            packet.removeAll(keepingCapacity: true)
            write(element, &packet)
            guard !packet.isEmpty, (try? sender?.protect(&packet)) != nil else { continue }
            sizes.append(packets.writeBytes(packet))
        }
        return sizes
    }
}

/// The way between the engine and one client, a viewer or a publisher: ICE finds the address and asks for consent, DTLS agrees on
/// keys, SRTP protects.
///
/// Nothing but answers to checks goes to an address that has not shown by a check that the client is there (RFC 8445 §7.3).
/// Confined to the engine's event loop.
final class WebRTCTransport {
    /// From the answer to the keys at most.
    static let handshakeLimit: Duration = .seconds(10)

    enum Event {
        /// Media can go.
        case connected
        /// Everything goes another way from now on.
        case routeChanged
        /// What the client reports.
        case feedback([RTCPPacket])
        /// A packet of a publisher.
        case media([UInt8])
        /// It is over, because of what the text says.
        case ended(String)
    }

    let usernameFragment: String
    /// Called until it has ended.
    var onEvent: ((Event) -> Void)?

    private let directory: WebRTCDirectory
    private let clock: EngineClock
    private var agent: ICELiteAgent
    private let dtls: DTLSConnection
    private var sender: SRTPSender?
    private var receiver: SRTCPReceiver?
    /// nil of a viewer, who sends none.
    private var mediaReceiver: SRTPReceiver?
    private let takesMedia: Bool
    /// Those that the client has proven to be its own.
    private var routes: [TransportAddress: any WebRTCRoute] = [:]
    /// The way of everything that is sent.
    private(set) var route: (any WebRTCRoute)?
    /// Bytes of media and of its reports that came, and how many reports came and went.
    private(set) var inboundByteCount = 0
    private(set) var receivedControlCount = 0
    private(set) var sentControlCount = 0
    private var handshakeTimer: LoopTimer?
    private var repetitionTimer: LoopTimer?
    private var consentTimer: LoopTimer?
    private var isClosed = false
    private let scratch: PacketScratch

    /// Begins to wait for the client's checks.
    ///
    /// - Parameter takesMedia: whether the client publishes.
    init(
        directory: WebRTCDirectory, clock: EngineClock, scratch: PacketScratch, local: ICECredentials,
        remoteUsernameFragment: String, dtls: DTLSConnection, takesMedia: Bool = false
    ) {
        self.directory = directory
        self.clock = clock
        self.scratch = scratch
        self.dtls = dtls
        self.takesMedia = takesMedia
        usernameFragment = local.usernameFragment
        agent = ICELiteAgent(local: local, remoteUsernameFragment: remoteUsernameFragment, at: clock.now)
        directory.add(self)
        handshakeTimer = clock.schedule(after: Self.handshakeLimit) { [weak self] in
            guard let self else { return }
            end(
                route == nil
                    ? "none of its connectivity checks has arrived: the port may be closed on the way"
                    : "it has not finished the DTLS handshake in time")
        }
        scheduleConsent()
    }

    var isConnected: Bool { sender != nil }

    /// Where everything goes; nil before the first check.
    var remoteAddress: TransportAddress? { agent.selectedAddress }

    /// The way takes no more.
    var isCongested: Bool { route?.isCongested ?? false }

    // MARK: What comes

    func receive(_ message: STUNMessage, from source: TransportAddress, by route: some WebRTCRoute) {
        guard !isClosed else { return }
        let outcome = agent.receive(message, from: source, at: clock.now)
        if let added = outcome.added {
            routes[added] = route
            route.assign(to: self)
        }
        if let removed = outcome.removed { routes.removeValue(forKey: removed)?.release(from: self) }
        if let selected = outcome.selected { select(selected) }
        // A client by TCP could send checks without end, and never read what they are answered.
        guard let response = outcome.response, !route.isCongested else { return }
        route.send(repeatable: response)
        route.flush()
    }

    /// Takes a datagram of DTLS from an address that is the client's.
    func receive(dtls datagram: ArraySlice<UInt8>) {
        guard !isClosed else { return }
        perform(dtls.receive(datagram))
    }

    private func select(_ address: TransportAddress) {
        route = routes[address]
        onEvent?(.routeChanged)
    }

    /// Takes SRTCP from an address that is the client's.
    func receive(control datagram: ArraySlice<UInt8>, from source: TransportAddress) {
        guard !isClosed, let bytes = try? receiver?.unprotect(datagram),
            let packets = try? RTCPPacket.parseCompound(bytes)
        else { return }
        inboundByteCount += datagram.count
        receivedControlCount += 1
        if let selected = agent.receivedReport(from: source) { select(selected) }
        onEvent?(.feedback(packets))
    }

    /// Takes SRTP from an address that is the client's.
    func receive(media datagram: ArraySlice<UInt8>) {
        guard !isClosed, let packet = try? mediaReceiver?.unprotect(datagram) else { return }
        inboundByteCount += datagram.count
        agent.receivedMedia(at: clock.now)
        onEvent?(.media(packet))
    }

    private func perform(_ outcome: DTLSConnection.Outcome) {
        send(outcome.datagrams)
        scheduleRepetition()
        switch outcome.event {
        case nil: break
        case .established(let profile, let keys):
            handshakeTimer?.cancel()
            do {
                sender = try SRTPSender(profile: profile, key: keys.server)
                receiver = try SRTCPReceiver(profile: profile, key: keys.client)
                if takesMedia { mediaReceiver = try SRTPReceiver(profile: profile, key: keys.client) }
            } catch {
                return end("\(error)")
            }
            onEvent?(.connected)
        case .failed(let error): end("\(error)")
        case .closed: end("it has left")
        }
    }

    // MARK: What is sent

    /// Makes SRTP packets of what `write` writes for each element; none where that is nothing, and before there are keys.
    func seal<Elements: Collection>(
        _ elements: Elements, _ write: (Elements.Element, inout [UInt8]) -> Void
    ) -> [DatagramRun] {
        guard sender != nil else { return [] }
        return scratch.seal(elements, with: &sender, write)
    }

    /// Sends a compound RTCP packet, once there are keys. One who does not read gets none: they would pile up.
    func send(control packet: [UInt8]) {
        var bytes = packet
        guard sender != nil, !isCongested, (try? sender?.protectControl(&bytes)) != nil else { return }
        sentControlCount += 1
        route?.send(repeatable: bytes)
    }

    /// Sends what ``seal(_:_:)`` has made.
    ///
    /// - Returns: the bytes of the packets that are done with.
    func send(_ run: DatagramRun) -> Int { route?.send(run) ?? run.byteCount }

    func flush() { route?.flush() }

    /// Sends records of DTLS, which are repeated when they get lost.
    private func send(_ datagrams: [[UInt8]]) {
        guard let route, !route.isCongested, !datagrams.isEmpty else { return }
        for datagram in datagrams { route.send(repeatable: datagram) }
        route.flush()
    }

    // MARK: Time

    private func scheduleRepetition() {
        repetitionTimer?.cancel()
        repetitionTimer = dtls.timeout.map { delay in
            clock.schedule(after: delay) { [weak self] in
                guard let self, !isClosed else { return }
                perform(dtls.timerFired())
            }
        }
    }

    private func scheduleConsent() {
        consentTimer = clock.schedule(after: agent.consentDeadline - clock.now) { [weak self] in
            guard let self, !isClosed else { return }
            if agent.consentDeadline <= clock.now {
                end("it has not said for \(ICELiteAgent.consentTimeout.components.seconds) s that it is still there")
            } else {
                scheduleConsent()
            }
        }
    }

    // MARK: End

    private func end(_ reason: String) {
        guard !isClosed else { return }
        let onEvent = onEvent
        close()
        onEvent?(.ended(reason))
    }

    /// Says goodbye, as far as that is possible, and forgets the client.
    func close() {
        guard !isClosed else { return }
        send(dtls.close())
        isClosed = true
        onEvent = nil
        for timer in [handshakeTimer, repetitionTimer, consentTimer] { timer?.cancel() }
        directory.remove(self)
        for route in routes.values { route.release(from: self) }
        routes = [:]
        route = nil
    }
}

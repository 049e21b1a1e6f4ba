import SecureRTP
import StreamProtocols

/// The way between the engine and one client, a viewer or a publisher: ICE finds the address and asks for consent, DTLS agrees on
/// keys, and what comes is made readable with them. What goes beside that is protected by whoever sends it (``PacketSealer``).
///
/// Nothing but answers to checks goes to an address that has not shown by a check that the client is there (RFC 8445 §7.3).
/// Confined to the engine's event loop.
final class WebRTCTransport {
    /// From the answer to the keys at most.
    static let handshakeLimit: Duration = .seconds(10)

    enum Event {
        /// Media can go, protected by these.
        case established(SRTPProfile, SRTPMasterKeys)
        /// Everything goes this way from now on.
        case routeChanged(any WebRTCRoute)
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
    private var receiver: SRTCPReceiver?
    /// nil of a viewer, who sends none.
    private var mediaReceiver: SRTPReceiver?
    private let takesMedia: Bool
    /// Those that the client has proven to be its own.
    private var routes: [TransportAddress: any WebRTCRoute] = [:]
    /// The way of everything that is sent.
    private(set) var route: (any WebRTCRoute)?
    /// Bytes of media and of its reports that came, and how many reports.
    private(set) var inboundByteCount = 0
    private(set) var receivedControlCount = 0
    private var handshakeTimer: LoopTimer?
    private var repetitionTimer: LoopTimer?
    private var consentTimer: LoopTimer?
    /// Whether there are keys.
    private(set) var isConnected = false
    private var isClosed = false

    /// Begins to wait for the client's checks.
    ///
    /// - Parameter takesMedia: whether the client publishes.
    init(
        directory: WebRTCDirectory, clock: EngineClock, local: ICECredentials, remoteUsernameFragment: String,
        dtls: DTLSConnection, takesMedia: Bool = false
    ) {
        self.directory = directory
        self.clock = clock
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

    /// Where everything goes; nil before the first check.
    var remoteAddress: TransportAddress? { agent.selectedAddress }

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
        if let route { onEvent?(.routeChanged(route)) }
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
            do throws(SRTPError) {
                receiver = try SRTCPReceiver(profile: profile, key: keys.client)
                if takesMedia { mediaReceiver = try SRTPReceiver(profile: profile, key: keys.client) }
            } catch {
                return end("\(error)")
            }
            isConnected = true
            onEvent?(.established(profile, keys))
        case .failed(let error): end("\(error)")
        case .closed: end("it has left")
        }
    }

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

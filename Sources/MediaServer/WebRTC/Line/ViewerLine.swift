import StreamProtocols

/// The line to one viewer: what was sent, what is known of it, and which pictures it gets therefore. A value: it is told what
/// happens and the time, and says what to do.
struct ViewerLine {
    private(set) var capacity = LineCapacity()
    /// A viewer who is left without pictures asks for a keyframe so often at most: it costs all other viewers.
    static let keyframeInterval: Duration = .seconds(5)

    /// Pictures that the viewer did not get, and whose absence no other picture shows.
    private(set) var leftOutCount = 0
    private var choice = PictureChoice()
    private var packets = SentPackets()
    private var sent = RateMeter()
    private var arrived = RateMeter()
    /// What would be sent if the line were good.
    private var wanted = RateMeter()
    private var keyframeAskedAt: Duration?

    /// Another way to the viewer: what was known is of the former one.
    mutating func routeChanged() {
        capacity = LineCapacity()
        choice = PictureChoice()
    }

    /// Whether the viewer gets a picture of so many bytes.
    mutating func decide(
        _ kind: @autoclosure () -> PictureChoice.Kind, byteCount: Int, at now: Duration
    ) -> PictureChoice.Decision {
        wanted.add(byteCount, at: now)
        if isLimited { capacity.grow(wanted: wanted.bitsPerSecond(at: now), at: now) }
        let decision = choice.decide(kind(), capacity: capacity.bitsPerSecond, at: now)
        if decision == .leaveOut { leftOutCount += 1 }
        return decision
    }

    /// The viewer says that it can't go on without a keyframe. One on a bad line says so because it was left without pictures.
    ///
    /// - Returns: whether it may be asked for.
    mutating func mayAskForKeyframe(at now: Duration) -> Bool {
        if isLimited, let keyframeAskedAt, now - keyframeAskedAt < Self.keyframeInterval { return false }
        keyframeAskedAt = now
        return true
    }

    /// Notes a packet that goes out.
    ///
    /// - Returns: its number among all of them.
    mutating func number(ofPacketWith byteCount: Int, at now: Duration) -> UInt16 {
        packets.append(byteCount: byteCount, at: now)
    }

    /// So many bytes go out.
    mutating func send(byteCount: Int, at now: Duration) {
        sent.add(byteCount, at: now)
        choice.sent(byteCount: byteCount)
    }

    mutating func take(_ feedback: RTCPTransportFeedback, at now: Duration) {
        let arrivals = packets.take(feedback)
        arrived.add(arrivals.byteCount, at: now)
        guard let delay = arrivals.leastDelay else { return }
        let rate = arrived.bitsPerSecond(at: now)
        note(capacity.arrived(leastDelay: delay, rate: rate, at: now), queue: capacity.queue, at: now)
    }

    mutating func take(_ estimate: RTCPReceiverEstimate, at now: Duration) {
        note(
            capacity.estimated(Int(clamping: estimate.bitsPerSecond), sentRate: sentRate(at: now), at: now),
            queue: nil, at: now)
    }

    mutating func lost(fraction: Double, at now: Duration) {
        note(capacity.lost(fraction: fraction, sentRate: sentRate(at: now), at: now), queue: nil, at: now)
    }

    private mutating func note(_ isLower: Bool, queue: Duration?, at now: Duration) {
        guard isLower, let bitsPerSecond = capacity.bitsPerSecond else { return }
        // Where nobody says what waits, it is taken for as much as makes pictures wait.
        choice.queueFound(queue ?? PictureChoice.limit, capacity: bitsPerSecond, at: now)
    }

    // MARK: What is told of it

    func sentRate(at now: Duration) -> Int { sent.bitsPerSecond(at: now) }

    /// What the line carries at least by what is known; nil where nothing is.
    var estimate: Int? { capacity.bitsPerSecond.map { Int($0) } ?? capacity.receiverEstimate }

    /// Whether the line carries less than what would be sent if it were good.
    func isNarrow(at now: Duration) -> Bool {
        capacity.bitsPerSecond.map { $0 < Double(wanted.bitsPerSecond(at: now)) } ?? false
    }

    /// Whether the viewer gets less than there is.
    var isLimited: Bool { capacity.bitsPerSecond != nil }
}

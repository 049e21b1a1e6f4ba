import StreamProtocols

/// One track of a publisher by WebRTC: brings its packets in order, says which are missing, and how they came. A value: it is told
/// the time.
struct WebRTCTrackReceiver {
    /// So long packets wait for one that is asked for again, which takes as long as the way there and back.
    static let patience: Duration = .milliseconds(200)
    /// So many wait meanwhile: 20 Mb/s.
    static let capacity = 512
    /// A packet is asked for when it is missing for so long: those that passed each other come within milliseconds.
    static let settling: Duration = .milliseconds(20)
    /// Whoever is asked again so early has not been able to answer.
    static let interval: Duration = .milliseconds(50)
    /// So long nothing came of the source before another one takes its place: of several at once, such as layers that nobody has
    /// agreed on, the first is taken.
    static let sourceSilence: Duration = .seconds(1)
    /// Packets that are asked for at once.
    static let missingLimit = 128

    /// What a timer brings.
    struct Due {
        /// Those whose turn has come.
        var packets: [RTPPacket] = []
        /// Those to ask for again.
        var missing: [UInt16] = []
    }

    let track: WHIPAnswer.Track
    /// Of the packets that come; nil before the first.
    private(set) var ssrc: UInt32?
    private var lastArrival: Duration = .zero
    /// Without those that came again in a stream of their own.
    private(set) var packetCount = 0
    /// What was reported last.
    private(set) var report: RTCPReportBlock?
    private var reorderer: RTPReorderer
    private var statistics: RTPReceptionStatistics
    /// When missing packets are asked for; nil while none are.
    private var askingTime: Duration?

    init(_ track: WHIPAnswer.Track) {
        self.track = track
        reorderer = Self.makeReorderer(track)
        statistics = RTPReceptionStatistics(clockRate: track.format.clockRate, followsRestarts: false)
    }

    private static func makeReorderer(_ track: WHIPAnswer.Track) -> RTPReorderer {
        // What is not sent again is not worth the wait.
        track.repeatsPackets ? RTPReorderer(capacity: capacity, patience: patience) : RTPReorderer()
    }

    /// Whether packets of a type are its own.
    func takes(payloadType: UInt8) -> Bool {
        payloadType == track.format.payloadType || payloadType == track.retransmissionPayloadType
    }

    // MARK: Packets

    /// Takes the next packet that came.
    ///
    /// - Returns: those whose turn has come.
    mutating func receive(_ packet: RTPPacket, at now: Duration) -> [RTPPacket] {
        guard packet.payloadType == track.format.payloadType else { return receive(repeatedBy: packet, at: now) }
        if packet.ssrc != ssrc {
            guard ssrc == nil || now - lastArrival >= Self.sourceSilence else { return [] }
            ssrc = packet.ssrc
            reorderer = Self.makeReorderer(track)
        }
        lastArrival = now
        statistics.received(packet, at: now)
        packetCount += 1
        return insert(packet, at: now)
    }

    private mutating func receive(repeatedBy packet: RTPPacket, at now: Duration) -> [RTPPacket] {
        guard let ssrc,
            let original = RTPPacket(repeatedBy: packet, payloadType: track.format.payloadType, ssrc: ssrc)
        else { return [] }
        return insert(original, at: now)
    }

    private mutating func insert(_ packet: RTPPacket, at now: Duration) -> [RTPPacket] {
        // SRTP has told late packets from those of a sender that begins anew, of which there are none.
        if let next = reorderer.nextNumber, Int16(bitPattern: packet.sequenceNumber &- next) < 0 { return [] }
        let released = reorderer.insert(packet, at: now)
        if !reorderer.isWaiting {
            askingTime = nil
        } else if track.repeatsPackets, askingTime == nil {
            askingTime = now + Self.settling
        }
        return released
    }

    // MARK: What is missing

    /// When ``timerFired(at:)`` has to be called; nil while nothing is missing.
    var deadline: Duration? { [reorderer.deadline, askingTime].compactMap { $0 }.min() }

    mutating func timerFired(at now: Duration) -> Due {
        var due = Due(packets: reorderer.expire(at: now))
        guard reorderer.isWaiting else {
            askingTime = nil
            return due
        }
        if let time = askingTime, time <= now {
            askingTime = now + Self.interval
            due.missing = reorderer.missingNumbers(limit: Self.missingLimit)
        }
        return due
    }

    // MARK: Reports

    /// The publisher has reported.
    mutating func received(_ report: RTCPSenderReport, at now: Duration) { statistics.received(report, at: now) }

    /// What is to be reported now; nil before the first packet.
    mutating func makeReport(at now: Duration) -> RTCPReportBlock? {
        report = statistics.reportBlock(at: now)
        return report
    }
}

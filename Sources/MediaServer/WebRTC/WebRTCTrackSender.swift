import StreamProtocols

/// How one viewer is sent one track: by the numbers that its answer names, and with sequence numbers of its own, so that what is
/// left out leaves no gap.
struct WebRTCTrackSender {
    let track: WHEPAnswer.Track
    private let cname: String
    private let headerExtension: RTPHeaderExtension
    // RFC 3711 §3.3.1: in the lower half, so that the first wrap is noticed even if the first packets are lost.
    private var nextSequenceNumber = UInt16.random(in: 0..<0x8000)
    private var nextRetransmissionNumber = UInt16.random(in: 0..<0x8000)
    private var history = RTPHistory()

    /// Sent so far, modulo 2³² as sender reports have it (RFC 3550 §6.4.1).
    private(set) var packetCount: UInt32 = 0
    private var octetCount: UInt32 = 0
    /// Packets that were sent again.
    private(set) var resentCount = 0

    /// - Parameter cname: of all the viewer's tracks, which are played in step.
    init(_ track: WHEPAnswer.Track, cname: String) {
        self.track = track
        self.cname = cname
        headerExtension = RTPHeaderExtension(
            mid: track.mid, id: track.midExtensionID, transportNumberID: track.transportNumberExtensionID)
    }

    /// Whether its packets have numbers that count all of the viewer's.
    var hasTransportNumbers: Bool { headerExtension.hasTransportNumber }

    /// Packets that the viewer has asked for again.
    var missedCount: Int { history.missedCount }

    /// Writes a packet of the track as this viewer's next one.
    ///
    /// - Parameters:
    ///   - timestamp: another one than the packet has; nil leaves it.
    ///   - number: gives its number among all of the viewer's packets.
    mutating func write(
        _ shared: RTPPacket, timestamp: UInt32?, at now: Duration, number: (_ byteCount: Int) -> UInt16,
        to bytes: inout [UInt8]
    ) {
        var packet = shared
        packet.payloadType = track.payloadType
        packet.ssrc = track.ssrc
        packet.sequenceNumber = nextSequenceNumber
        if let timestamp { packet.timestamp = timestamp }
        // RFC 3550 §5.1: modulo 2¹⁶; the counters of reports modulo 2³² (§6.4.1).
        nextSequenceNumber &+= 1
        packetCount &+= 1
        octetCount &+= UInt32(truncatingIfNeeded: packet.payload.count)
        if track.retransmission != nil { history.append(packet, at: now) }
        packet.append(
            to: &bytes, headerExtension: headerExtension,
            transportNumber: hasTransportNumbers ? number(packet.byteCount) : 0)
    }

    /// Writes a packet that the viewer misses once more (RFC 4588); nothing where it is not kept, or was sent just now.
    ///
    /// - Parameter number: gives its number among all of the viewer's packets.
    mutating func writeRetransmission(
        of sequenceNumber: UInt16, at now: Duration, number: (_ byteCount: Int) -> UInt16, to bytes: inout [UInt8]
    ) {
        guard let retransmission = track.retransmission, let packet = history.packet(sequenceNumber, at: now) else {
            return
        }
        packet.appendRetransmission(
            to: &bytes, payloadType: retransmission.payloadType, ssrc: retransmission.ssrc,
            sequenceNumber: nextRetransmissionNumber, headerExtension: headerExtension,
            transportNumber: hasTransportNumbers ? number(packet.byteCount) : 0)
        nextRetransmissionNumber &+= 1
        resentCount += 1
    }

    /// - Parameter rtpTimestamp: of the moment that the report tells.
    func senderReport(rtpTimestamp: UInt32, wallTime: NTPTimestamp) -> [UInt8] {
        RTCPPacket.serializeCompound([
            .senderReport(
                RTCPSenderReport(
                    ssrc: track.ssrc, ntpTimestamp: wallTime, rtpTimestamp: rtpTimestamp, packetCount: packetCount,
                    octetCount: octetCount)),
            .sourceDescription(RTCPSourceDescription(ssrc: track.ssrc, cname: cname)),
        ])
    }
}

import StreamProtocols

/// How one viewer is sent one track: by the numbers that its answer names, and with sequence numbers of its own, so that what is
/// left out leaves no gap. Confined to the viewer's event loop.
final class WebRTCTrackSender {
    let track: WHEPAnswer.Track
    private let cname: String
    private let headerExtension: RTPHeaderExtension
    // RFC 3711 §3.3.1: in the lower half, so that the first wrap is noticed even if the first packets are lost.
    private var nextSequenceNumber = UInt16.random(in: 0..<0x8000)
    private var nextRetransmissionNumber = UInt16.random(in: 0..<0x8000)
    private var history = RTPHistory()
    /// Its timestamps as the viewer gets them.
    var timestamps: TimestampLine
    /// Of pictures, since the stream's beginning.
    var order = PictureOrder()

    /// Sent so far, modulo 2³² as sender reports have it (RFC 3550 §6.4.1).
    private(set) var packetCount: UInt32 = 0
    private var octetCount: UInt32 = 0
    /// Packets that were sent again.
    private(set) var resentCount = 0

    /// - Parameter cname: of all the viewer's tracks, which are played in step.
    init(_ track: WHEPAnswer.Track, cname: String) {
        self.track = track
        self.cname = cname
        timestamps = TimestampLine(clockRate: track.clockRate)
        headerExtension = RTPHeaderExtension(
            mid: track.mid, id: track.midExtensionID, transportNumberID: track.transportNumberExtensionID)
    }

    /// Whether its packets have numbers that count all of the viewer's.
    var hasTransportNumbers: Bool { headerExtension.hasTransportNumber }

    /// Packets that the viewer has asked for again.
    var missedCount: Int { history.missedCount }

    /// Makes packets of the track this viewer's next ones.
    ///
    /// - Parameter number: gives each its number among all of the viewer's packets.
    func seal(
        _ run: WaitingPackets.Run, at now: Duration, by sealer: PacketSealer,
        number: (_ byteCount: Int) -> UInt16
    ) -> [DatagramRun] {
        let first = nextSequenceNumber
        var next = first
        var octetCount: UInt32 = 0
        let sealed = sealer.seal(run.packets) { packet, bytes in
            packet.append(
                to: &bytes,
                as: RTPPacket.Numbers(
                    payloadType: track.payloadType, ssrc: track.ssrc, sequenceNumber: next,
                    timestamp: packet.timestamp &+ run.shift),
                headerExtension: headerExtension,
                transportNumber: hasTransportNumbers ? number(packet.byteCount) : 0)
            // RFC 3550 §5.1: modulo 2¹⁶; the counters of reports modulo 2³² (§6.4.1).
            next &+= 1
            octetCount &+= UInt32(truncatingIfNeeded: packet.payload.count)
        }
        nextSequenceNumber = next
        packetCount &+= UInt32(next &- first)
        self.octetCount &+= octetCount
        if track.retransmission != nil {
            history.append(run.packets.prefix(Int(next &- first)), firstNumber: first, shift: run.shift, at: now)
        }
        return sealed
    }

    /// Writes a packet that the viewer misses once more (RFC 4588); nothing where it is not kept, or was sent just now.
    ///
    /// - Parameter number: gives its number among all of the viewer's packets.
    func writeRetransmission(
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

    /// The stream's report, told of this viewer's packets.
    func senderReport(_ shared: RTCPSenderReport) -> [UInt8] {
        let rtpTimestamp = timestamps.report(shared.rtpTimestamp, at: shared.ntpTimestamp)
        return RTCPPacket.serializeCompound([
            .senderReport(
                RTCPSenderReport(
                    ssrc: track.ssrc, ntpTimestamp: shared.ntpTimestamp, rtpTimestamp: rtpTimestamp,
                    packetCount: packetCount, octetCount: octetCount)),
            .sourceDescription(RTCPSourceDescription(ssrc: track.ssrc, cname: cname)),
        ])
    }
}

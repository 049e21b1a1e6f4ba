/// Puts access units together from RTP packets: single NAL units, aggregates and fragments.
///
/// An access unit ends with the marker, or with the first packet of another timestamp. When packets are missing, the
/// unit they belonged to is dropped, up to the next one that is certain to be whole. Every unit that comes out holds a
/// picture.
public struct NALUnitDepacketizer<Format: NALUnitPayloadFormat>: RTPDepacketizer {
    /// Bytes in one access unit: an 8K intra picture of the highest quality stays below.
    public static var defaultMaxAccessUnitSize: Int { 16 << 20 }
    /// NAL units in one access unit. Level 6.2 allows 600 slices; parameter sets and SEI come on top.
    public static var maxNALUnitCount: Int { 1024 }

    public let maxAccessUnitSize: Int
    public var lostPacketCount: UInt64 { order.lostPacketCount }
    public private(set) var droppedSampleCount: UInt64 = 0

    private var unwrapper = RTPTimestampUnwrapper()
    private var order = RTPPacketOrder()
    /// The unit being gathered; nil between two units and while one is being dropped.
    private var partial: PartialAccessUnit?
    /// The timestamp of a lost unit, whose remaining packets are ignored.
    private var droppedTimestamp: UInt32?
    /// Parameter sets and SEI that came without a picture, to go with the next one: some cameras send them with a
    /// marker or a timestamp of their own.
    private var carried: PartialAccessUnit?
    private var marker: Marker
    /// The timestamp of a picture whose marker has come; the packet behind it shows whether it was its end.
    private var markedTimestamp: UInt32?

    /// What the marker of this sender says. Some set it with each slice of a picture.
    private enum Marker: Sendable {
        /// Not known before the packet behind the first picture.
        case unproven
        case endsAccessUnit
        case meansNothing
    }

    /// - Parameter trustsMarker: whether the first marker is believed. If not, the first picture comes out with the packet
    ///   behind it; should the sender be one that sets the marker with each slice, the decoder would else begin with a
    ///   piece of a keyframe.
    public init(maxAccessUnitSize: Int = Self.defaultMaxAccessUnitSize, trustsMarker: Bool = true) {
        self.maxAccessUnitSize = maxAccessUnitSize
        marker = trustsMarker ? .endsAccessUnit : .unproven
    }

    public mutating func depacketize(_ packet: RTPPacket) throws(RTPPayloadError) -> [Sample] {
        var finished: [Sample] = []
        let isAfterGap: Bool
        switch order.arrival(of: packet.sequenceNumber) {
        case .late: return []
        case .afterGap: isAfterGap = true
        case .inOrder: isAfterGap = false
        }
        judgeMarker(by: packet, into: &finished)
        if isAfterGap { drop() }

        // A unit whose sender sets no marker ends where another timestamp begins.
        if let partial, partial.rtpTimestamp != packet.timestamp { finish(into: &finished) }
        if droppedTimestamp != packet.timestamp { droppedTimestamp = nil }

        if isAfterGap, Format.place(of: packet.payload) != .beginning {
            if droppedTimestamp == nil { droppedSampleCount &+= 1 }
            droppedTimestamp = packet.timestamp
        }
        guard droppedTimestamp == nil else {
            endDropping(with: packet)
            return finished
        }

        do throws(RTPPayloadError) {
            try gather(packet)
        } catch {
            drop()
            endDropping(with: packet)
            // An error can't carry the unit that was complete before, so it gives way to the picture.
            guard finished.isEmpty else { return finished }
            throw error
        }
        if packet.marker { obeyMarker(into: &finished) }
        return finished
    }
}

// MARK: - Marker

extension NALUnitDepacketizer {
    public var awaitsProof: Bool { marker == .unproven && markedTimestamp != nil }

    public mutating func finishAwaited() -> [Sample] {
        var finished: [Sample] = []
        if awaitsProof {
            // The marker stays to be judged: a slice may yet follow.
            marker = .endsAccessUnit
            finish(into: &finished)
        }
        return finished
    }

    private mutating func obeyMarker(into finished: inout [Sample]) {
        guard let partial else { return }
        switch marker {
        case .endsAccessUnit:
            if partial.hasPicture { markedTimestamp = partial.rtpTimestamp }
            finish(into: &finished)
        case .unproven where partial.fragmented != nil: marker = .meansNothing
        case .unproven: if partial.hasPicture { markedTimestamp = partial.rtpTimestamp }
        case .meansNothing: break
        }
    }

    /// Another slice of the same picture shows that the marker before it was not its end.
    private mutating func judgeMarker(by packet: RTPPacket, into finished: inout [Sample]) {
        guard let timestamp = markedTimestamp.take() else { return }
        if packet.timestamp == timestamp, Format.place(of: packet.payload) == .middle {
            if marker == .endsAccessUnit {
                // Its beginning has been handed out already.
                droppedSampleCount &+= 1
                droppedTimestamp = timestamp
            }
            marker = .meansNothing
        } else if marker == .unproven {
            marker = .endsAccessUnit
            finish(into: &finished)
        }
    }

    private mutating func endDropping(with packet: RTPPacket) {
        if packet.marker, marker == .endsAccessUnit { droppedTimestamp = nil }
    }
}

// MARK: - Gathering

extension NALUnitDepacketizer {
    private mutating func gather(_ packet: RTPPacket) throws(RTPPayloadError) {
        if partial == nil {
            let timestamp = unwrapper.unwrap(packet.timestamp)
            partial =
                carried.take()
                ?? PartialAccessUnit(codec: Format.codec, rtpTimestamp: packet.timestamp, timestamp: timestamp)
            partial?.move(rtpTimestamp: packet.timestamp, timestamp: timestamp)
        }
        // In place: a copy would make every fragment copy the ones before it.
        try partial?.add(
            try Format.parse(packet.payload), maxSize: maxAccessUnitSize, maxCount: Self.maxNALUnitCount)
    }

    private mutating func finish(into finished: inout [Sample]) {
        guard let partial = partial.take() else { return }
        // Fragments without their end are the trace of a sender that gave up on a picture.
        guard partial.fragmented == nil else {
            droppedSampleCount &+= 1
            return
        }
        if partial.hasPicture { finished.append(partial.sample) } else { carried = partial }
    }

    private mutating func drop() {
        guard let partial = partial.take() else { return }
        droppedSampleCount &+= 1
        droppedTimestamp = partial.rtpTimestamp
    }
}

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
    public private(set) var lostPacketCount: UInt64 = 0
    public private(set) var droppedAccessUnitCount: UInt64 = 0

    private var unwrapper = RTPTimestampUnwrapper()
    private var expectedSequenceNumber: UInt16?
    /// The unit being gathered; nil between two units and while one is being dropped.
    private var partial: PartialAccessUnit?
    /// The timestamp of a lost unit, whose remaining packets are ignored.
    private var droppedTimestamp: UInt32?
    /// Parameter sets and SEI that came without a picture, to go with the next one: some cameras send them with a
    /// marker or a timestamp of their own.
    private var carried: [ArraySlice<UInt8>] = []

    public init(maxAccessUnitSize: Int = Self.defaultMaxAccessUnitSize) {
        self.maxAccessUnitSize = maxAccessUnitSize
    }

    public mutating func depacketize(_ packet: RTPPacket) throws(RTPPayloadError) -> [AccessUnit] {
        var finished: [AccessUnit] = []
        let isAfterGap: Bool
        switch arrival(of: packet.sequenceNumber) {
        case .inOrder: isAfterGap = false
        case .late: return []
        case .afterGap:
            isAfterGap = true
            drop()
        }

        // A unit whose sender sets no marker ends where another timestamp begins.
        if let partial, partial.rtpTimestamp != packet.timestamp { finish(into: &finished) }
        if droppedTimestamp != packet.timestamp { droppedTimestamp = nil }

        if isAfterGap, !Format.beginsAccessUnit(packet.payload) {
            if droppedTimestamp == nil { droppedAccessUnitCount &+= 1 }
            droppedTimestamp = packet.timestamp
        }
        guard droppedTimestamp == nil else {
            if packet.marker { droppedTimestamp = nil }
            return finished
        }

        do throws(RTPPayloadError) {
            try gather(packet)
        } catch {
            drop()
            if packet.marker { droppedTimestamp = nil }
            // An error can't carry the unit that was complete before, so it gives way to the picture.
            guard finished.isEmpty else { return finished }
            throw error
        }
        if packet.marker { finish(into: &finished) }
        return finished
    }
}

// MARK: - Order

extension NALUnitDepacketizer {
    private enum Arrival {
        case inOrder, afterGap, late
    }

    private mutating func arrival(of sequenceNumber: UInt16) -> Arrival {
        guard let expected = expectedSequenceNumber else {
            expectedSequenceNumber = sequenceNumber &+ 1
            return .inOrder
        }
        // RFC 3550 §5.1: sequence numbers are compared modulo 2¹⁶; as signed, a negative step is a late packet.
        let step = Int16(bitPattern: sequenceNumber &- expected)
        // §A.1: more than MAX_MISORDER behind means that the sender has begun anew; less is a late packet.
        let maxMisorder: Int16 = 100
        if step < 0, step >= -maxMisorder { return .late }
        expectedSequenceNumber = sequenceNumber &+ 1
        guard step != 0 else { return .inOrder }
        if step > 0 { lostPacketCount &+= UInt64(step) }
        return .afterGap
    }
}

// MARK: - Gathering

extension NALUnitDepacketizer {
    private mutating func gather(_ packet: RTPPacket) throws(RTPPayloadError) {
        if partial == nil {
            partial = PartialAccessUnit(
                codec: Format.codec,
                rtpTimestamp: packet.timestamp,
                timestamp: unwrapper.unwrap(packet.timestamp),
                nalUnits: carried
            )
            carried = []
        }
        // In place: a copy would make every fragment copy the ones before it.
        try partial?.add(
            try Format.parse(packet.payload), maxSize: maxAccessUnitSize, maxCount: Self.maxNALUnitCount)
    }

    private mutating func finish(into finished: inout [AccessUnit]) {
        guard let partial = partial.take() else { return }
        // Fragments without their end are the trace of a sender that gave up on a picture.
        guard partial.fragmented == nil else {
            droppedAccessUnitCount &+= 1
            return
        }
        guard partial.hasPicture else {
            carried = partial.nalUnits
            return
        }
        finished.append(
            AccessUnit(
                nalUnits: partial.nalUnits,
                timestamp: partial.timestamp,
                isRandomAccess: partial.isRandomAccess
            )
        )
    }

    private mutating func drop() {
        guard let partial = partial.take() else { return }
        droppedAccessUnitCount &+= 1
        droppedTimestamp = partial.rtpTimestamp
    }
}

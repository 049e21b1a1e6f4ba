/// The access unit that a `NALUnitDepacketizer` is gathering.
struct PartialAccessUnit: Sendable {
    let codec: VideoCodec
    private(set) var rtpTimestamp: UInt32
    /// Unwrapped.
    private(set) var timestamp: Int64
    private(set) var nalUnits: [ArraySlice<UInt8>] = []
    private(set) var byteCount = 0
    private(set) var hasPicture = false
    /// The NAL unit that fragments are being added to.
    private(set) var fragmented: [UInt8]?

    init(codec: VideoCodec, rtpTimestamp: UInt32, timestamp: Int64) {
        self.codec = codec
        self.rtpTimestamp = rtpTimestamp
        self.timestamp = timestamp
    }

    /// Whole, with what else it holds.
    var sample: Sample {
        Sample(
            nalUnits: nalUnits, presentationTime: timestamp,
            isRandomAccess: RandomAccess(codec: codec, nalUnits: nalUnits) != nil)
    }
}

extension PartialAccessUnit {
    /// What it holds belongs to the picture of another time.
    mutating func move(rtpTimestamp: UInt32, timestamp: Int64) {
        self.rtpTimestamp = rtpTimestamp
        self.timestamp = timestamp
    }

    mutating func add(_ payload: NALUnitPayload, maxSize: Int, maxCount: Int) throws(RTPPayloadError) {
        switch payload {
        case .unit(let nalUnit):
            try checkNoFragments()
            try add(nalUnit: nalUnit, maxSize: maxSize, maxCount: maxCount)
        case .aggregate(let nalUnits):
            try checkNoFragments()
            for nalUnit in nalUnits { try add(nalUnit: nalUnit, maxSize: maxSize, maxCount: maxCount) }
        case .fragment(let header, let data, let isStart, let isEnd):
            switch (fragmented == nil, isStart) {
            case (true, true): fragmented = header
            case (false, false): break
            case (true, false): throw .malformed("a fragment continues a NAL unit that has not begun")
            case (false, true): throw .malformed("a fragmented NAL unit begins before another has ended")
            }
            try checkSize(adding: (fragmented?.count ?? 0) + data.count, maxSize: maxSize)
            fragmented?.append(contentsOf: data)
            if isEnd, let nalUnit = fragmented.take() {
                try add(nalUnit: nalUnit[...], maxSize: maxSize, maxCount: maxCount)
            }
        }
    }

    private func checkNoFragments() throws(RTPPayloadError) {
        if fragmented != nil { throw .malformed("a NAL unit begins before the fragments of another have ended") }
    }

    private mutating func add(
        nalUnit: ArraySlice<UInt8>, maxSize: Int, maxCount: Int
    ) throws(RTPPayloadError) {
        // RFC 6184 §5.2, RFC 7798 §4.4: a payload structure inside another would be misread by who gets it from us.
        guard codec.isNALUnit(nalUnit) else { return }
        try checkSize(adding: nalUnit.count, maxSize: maxSize)
        guard nalUnits.count < maxCount else { throw .tooManyNALUnits(limit: maxCount) }
        byteCount += nalUnit.count
        hasPicture = hasPicture || codec.kind(of: nalUnit).isPicture
        nalUnits.append(nalUnit)
    }

    private func checkSize(adding count: Int, maxSize: Int) throws(RTPPayloadError) {
        let total = byteCount + count
        guard total <= maxSize else { throw .sampleTooLarge(byteCount: total, limit: maxSize) }
    }
}

/// The access unit that an `H264Depacketizer` is gathering.
struct H264PartialAccessUnit: Sendable {
    let rtpTimestamp: UInt32
    /// Unwrapped.
    let timestamp: Int64
    private(set) var nalUnits: [ArraySlice<UInt8>]
    private(set) var byteCount: Int
    private(set) var isRandomAccess = false
    private(set) var hasPicture = false
    /// The NAL unit that FU-A fragments are being added to.
    private(set) var fragmented: [UInt8]?

    /// - Parameter nalUnits: what came before and belongs to this unit.
    init(rtpTimestamp: UInt32, timestamp: Int64, nalUnits: [ArraySlice<UInt8>]) {
        self.rtpTimestamp = rtpTimestamp
        self.timestamp = timestamp
        self.nalUnits = nalUnits
        byteCount = nalUnits.reduce(0) { $0 + $1.count }
    }
}

extension H264PartialAccessUnit {
    mutating func add(_ payload: ArraySlice<UInt8>, maxSize: Int) throws(RTPPayloadError) {
        var reader = ByteReader(payload)
        guard let header = reader.readUInt8() else { throw .empty }
        let type = header & 0x1F
        if type != 28, fragmented != nil {
            throw .malformed("a NAL unit begins before the fragments of another have ended")
        }
        switch type {
        case 1...23:
            try add(nalUnit: payload, maxSize: maxSize)
        case 24:
            try addAggregate(&reader, maxSize: maxSize)
        case 28:
            try addFragment(indicator: header, &reader, maxSize: maxSize)
        case 0 where H264AnnexB.beginsWithStartCode(payload):
            // Some senders put a piece of byte stream into the packet (gortsplib issue 199).
            for nalUnit in H264AnnexB.split(payload) { try add(nalUnit: nalUnit, maxSize: maxSize) }
        default:
            throw .unsupportedPacketization(type: type)
        }
    }

    /// STAP-A: units, each after its length (RFC 6184 §5.7.1).
    private mutating func addAggregate(_ reader: inout ByteReader, maxSize: Int) throws(RTPPayloadError) {
        guard !reader.isAtEnd else { throw .malformed("a STAP-A holds no NAL unit") }
        // Some cameras fill the packet up with zeros, which look like units without length; the last may be alone.
        while !reader.isAtEnd, !reader.rest.elementsEqual([0]) {
            guard let length = reader.readUInt16(), let nalUnit = reader.readBytes(Int(length)) else {
                throw .malformed("a STAP-A is shorter than the lengths in it")
            }
            if !nalUnit.isEmpty { try add(nalUnit: nalUnit, maxSize: maxSize) }
        }
    }

    /// FU-A: a piece of one NAL unit (RFC 6184 §5.8).
    private mutating func addFragment(
        indicator: UInt8,
        _ reader: inout ByteReader,
        maxSize: Int
    ) throws(RTPPayloadError) {
        guard let fuHeader = reader.readUInt8() else { throw .malformed("an FU-A has no header") }
        let isStart = fuHeader & 0x80 != 0
        let isEnd = fuHeader & 0x40 != 0
        switch (fragmented == nil, isStart) {
        case (true, true): fragmented = [indicator & 0xE0 | fuHeader & 0x1F]
        case (false, false): break
        case (true, false): throw .malformed("an FU-A continues a NAL unit that has not begun")
        case (false, true): throw .malformed("an FU-A begins before the fragments of another have ended")
        }
        try checkSize(adding: (fragmented?.count ?? 0) + reader.rest.count, maxSize: maxSize)
        fragmented?.append(contentsOf: reader.rest)
        if isEnd, let nalUnit = fragmented.take() { try add(nalUnit: nalUnit[...], maxSize: maxSize) }
    }

    private mutating func add(nalUnit: ArraySlice<UInt8>, maxSize: Int) throws(RTPPayloadError) {
        try checkSize(adding: nalUnit.count, maxSize: maxSize)
        guard nalUnits.count < H264Depacketizer.maxNALUnitCount else {
            throw .tooManyNALUnits(limit: H264Depacketizer.maxNALUnitCount)
        }
        byteCount += nalUnit.count
        let type = H264NALType(of: nalUnit)
        isRandomAccess = isRandomAccess || type == .idrSlice
        hasPicture = hasPicture || type?.isVCL == true
        nalUnits.append(nalUnit)
    }

    private func checkSize(adding count: Int, maxSize: Int) throws(RTPPayloadError) {
        let total = byteCount + count
        guard total <= maxSize else { throw .accessUnitTooLarge(byteCount: total, limit: maxSize) }
    }
}

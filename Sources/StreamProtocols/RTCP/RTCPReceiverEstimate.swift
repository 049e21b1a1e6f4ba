/// What a receiver believes that its line carries (receiver estimated maximum bitrate, REMB, draft-alvestrand-rmcat-remb-03 §2.2).
public struct RTCPReceiverEstimate: Sendable, Equatable {
    /// "Application layer feedback" (RFC 4585 §6.4), which this and others are.
    static let format = 15
    private static let identifier = [UInt8]("REMB".utf8)
    private static let mantissaBitCount = 18

    /// Who reports.
    public var ssrc: UInt32
    /// Of all the sources together. Only its first 18 bits are written.
    public var bitsPerSecond: UInt64
    /// At most 255 are written.
    public var sources: [UInt32]

    public init(ssrc: UInt32, bitsPerSecond: UInt64, sources: [UInt32]) {
        self.ssrc = ssrc
        self.bitsPerSecond = bitsPerSecond
        self.sources = sources
    }

    /// Whether a body of that format is one of these: the others are passed by.
    static func isOne(_ body: ArraySlice<UInt8>) -> Bool { body.dropFirst(8).starts(with: identifier) }

    init?(_ reader: inout ByteReader) {
        guard let ssrc = reader.readUInt32(), reader.skip(4 + Self.identifier.count), let count = reader.readUInt8(),
            let high = reader.readUInt8(), let low = reader.readUInt16()
        else { return nil }
        let mantissa = UInt64(high & 3) << 16 | UInt64(low)
        let exponent = Int(high >> 2)
        // Some say the greatest number there is when they know no limit.
        let isTooMuch = mantissa.leadingZeroBitCount < exponent
        self.init(ssrc: ssrc, bitsPerSecond: isTooMuch ? Self.greatest : mantissa << exponent, sources: [])
        for _ in 0..<count {
            guard let source = reader.readUInt32() else { return nil }
            sources.append(source)
        }
    }

    /// The greatest that can be written.
    private static var greatest: UInt64 { UInt64.max << (UInt64.bitWidth - mantissaBitCount) }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(ssrc)
        // The media source is always 0.
        bytes.appendBigEndian(UInt32(0))
        bytes += Self.identifier
        let written = sources.prefix(Int(UInt8.max))
        let exponent = max(0, UInt64.bitWidth - Self.mantissaBitCount - bitsPerSecond.leadingZeroBitCount)
        let mantissa = UInt32(truncatingIfNeeded: bitsPerSecond >> exponent)
        bytes.appendBigEndian(
            UInt32(truncatingIfNeeded: written.count) << 24 | UInt32(truncatingIfNeeded: exponent) << 18 | mantissa)
        for source in written { bytes.appendBigEndian(source) }
    }
}

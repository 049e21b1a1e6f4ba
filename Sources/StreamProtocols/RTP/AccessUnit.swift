/// The coded data of one picture: what an encoder produces and a decoder consumes for one instant
/// (H.264: "access unit", ITU-T H.264 §3.1).
public struct AccessUnit: Sendable, Equatable {
    /// The NAL units in decoding order, without start codes or length prefixes. A unit read from RTP refers to
    /// the packets' storage where it can, so it is cheap to pass on and should not be kept for long.
    public var nalUnits: [ArraySlice<UInt8>]

    /// Presentation time in units of the track's clock rate (90 kHz), unwrapped: it does not overflow
    /// every 13 hours as the RTP timestamp does.
    public var timestamp: Int64

    /// Whether decoding can start here (H.264: the unit holds an IDR picture).
    public var isRandomAccess: Bool

    /// - Parameters:
    ///   - nalUnits: NAL units in decoding order, without start codes.
    ///   - timestamp: presentation time in clock-rate units, unwrapped.
    ///   - isRandomAccess: whether decoding can start at this unit.
    public init(nalUnits: [ArraySlice<UInt8>], timestamp: Int64, isRandomAccess: Bool) {
        self.nalUnits = nalUnits
        self.timestamp = timestamp
        self.isRandomAccess = isRandomAccess
    }

    /// The sum of the NAL units' lengths in bytes.
    public var byteCount: Int { nalUnits.reduce(0) { $0 + $1.count } }
}

/// One picture or one frame of sound of a track, as it is coded: what an encoder gives and a decoder takes for one instant.
public struct Sample: Sendable, Equatable {
    public enum Payload: Sendable, Equatable {
        /// The NAL units of a picture in decoding order, without start codes or length prefixes. Those that were read from
        /// RTP refer to the packets' storage where they can, so they are cheap to pass on.
        case nalUnits([ArraySlice<UInt8>])
        /// A frame of sound, without what a container puts before it.
        case frame(ArraySlice<UInt8>)
        /// A packet of a format that is passed on unread.
        case packet(GenericPacket)
    }

    public var payload: Payload

    /// In units of the track's clock rate, unwrapped: it does not overflow every 13 hours as the RTP timestamp does.
    public var presentationTime: Int64

    /// Whether decoding can start here: a picture that needs no other, and every frame of sound.
    public var isRandomAccess: Bool

    public init(payload: Payload, presentationTime: Int64, isRandomAccess: Bool) {
        self.payload = payload
        self.presentationTime = presentationTime
        self.isRandomAccess = isRandomAccess
    }

    /// A picture (H.264: "access unit", ITU-T H.264 §3.1).
    public init(nalUnits: [ArraySlice<UInt8>], presentationTime: Int64, isRandomAccess: Bool) {
        self.init(payload: .nalUnits(nalUnits), presentationTime: presentationTime, isRandomAccess: isRandomAccess)
    }

    /// A frame of sound.
    public init(frame: ArraySlice<UInt8>, presentationTime: Int64) {
        self.init(payload: .frame(frame), presentationTime: presentationTime, isRandomAccess: true)
    }

    /// The NAL units of a picture; none of anything else.
    public var nalUnits: [ArraySlice<UInt8>] {
        if case .nalUnits(let nalUnits) = payload { nalUnits } else { [] }
    }

    /// Bytes of coded media.
    public var byteCount: Int {
        switch payload {
        case .nalUnits(let nalUnits): nalUnits.reduce(0) { $0 + $1.count }
        case .frame(let frame): frame.count
        case .packet(let packet): packet.payload.count
        }
    }
}

/// An RTP packet of a format that is passed on unread.
public struct GenericPacket: Sendable, Equatable {
    public var marker: Bool
    /// Packets before it that never came, so that gaps stay gaps.
    public var lostPacketCount: UInt16
    public var payload: ArraySlice<UInt8>

    public init(marker: Bool, lostPacketCount: UInt16, payload: ArraySlice<UInt8>) {
        self.marker = marker
        self.lostPacketCount = lostPacketCount
        self.payload = payload
    }
}

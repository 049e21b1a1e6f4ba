/// One stream of an `RTP-Info` header (RFC 2326 §12.33): with which packet the stream begins.
public struct RTPInfo: Sendable, Equatable {
    /// The URL that the stream was set up with.
    public var url: String
    /// Sequence number of the first packet.
    public var sequenceNumber: UInt16?
    /// RTP timestamp that corresponds to the start of the range.
    public var rtpTime: UInt32?

    public init(url: String, sequenceNumber: UInt16? = nil, rtpTime: UInt32? = nil) {
        self.url = url
        self.sequenceNumber = sequenceNumber
        self.rtpTime = rtpTime
    }
}

extension RTPInfo: CustomStringConvertible {
    /// Reads an `RTP-Info` header: one element for each stream. Elements without URL are left out.
    public static func parse(_ header: String) throws(RTSPHeaderError) -> [RTPInfo] {
        let streams = HeaderText.split(header, at: 0x2C).compactMap(RTPInfo.init(element:))
        guard !streams.isEmpty else { throw RTSPHeaderError(header: "RTP-Info", value: header) }
        return streams
    }

    private init?(element: String) {
        var url: String?
        var sequenceNumber: UInt16?
        var rtpTime: UInt32?
        for part in HeaderText.split(element, at: 0x3B) {
            let (name, value) = HeaderText.parameter(part)
            switch name {
            case "url": url = value
            case "seq": sequenceNumber = UInt16(value)
            case "rtptime": rtpTime = UInt32(value)
            default: break
            }
        }
        guard let url else { return nil }
        self.init(url: url, sequenceNumber: sequenceNumber, rtpTime: rtpTime)
    }

    /// The element as it stands in a header.
    public var description: String {
        var parts = ["url=\(HeaderText.value(url))"]
        if let sequenceNumber { parts.append("seq=\(sequenceNumber)") }
        if let rtpTime { parts.append("rtptime=\(rtpTime)") }
        return parts.joined(separator: ";")
    }

    /// An `RTP-Info` header for several streams.
    public static func header(_ streams: [RTPInfo]) -> String {
        streams.map(\.description).joined(separator: ",")
    }
}

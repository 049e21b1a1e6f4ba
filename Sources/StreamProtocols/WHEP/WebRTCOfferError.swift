/// Why an offer can't be answered.
public enum WebRTCOfferError: Error, Equatable, CustomStringConvertible {
    case malformed(String)
    case missing(attribute: String)
    case unsupportedSetup(String)
    case noMedia
    /// Of a viewer.
    case nothingToReceive
    /// Of a publisher.
    case nothingToSend
    /// Of a viewer.
    ///
    /// - Parameters:
    ///   - kind: `video`, `sound` or `tracks`.
    ///   - formats: what the path has of that kind.
    ///   - offered: what the viewer takes.
    case noCommonFormat(kind: String, formats: [String], offered: [String])
    /// Of a publisher, with what it would send.
    case noAcceptedFormat(offered: [String])

    /// The status of the response (RFC 9110 §15.5): 400 for what can't be read, 422 for what can't be answered, 406 for a publisher
    /// all of whose formats are strange. To a viewer 406 would say that an offer comes in return (draft-ietf-wish-whep §4.2), which
    /// is never made here.
    public var status: Int {
        switch self {
        case .malformed, .missing: 400
        case .noAcceptedFormat: 406
        case .unsupportedSetup, .noMedia, .nothingToReceive, .nothingToSend, .noCommonFormat: 422
        }
    }

    public var description: String {
        switch self {
        case .malformed(let reason): reason
        case .missing(let attribute):
            "The offer has no \"\(attribute)\", which WebRTC needs; send the description that createOffer() makes."
        case .unsupportedSetup(let setup):
            "The offer says \"a=setup:\(setup)\", but this server waits for the client's DTLS; offer actpass or active."
        case .noMedia: "The offer has no section for pictures or sound; add a transceiver before createOffer()."
        case .nothingToReceive:
            "The offer has no section that receives pictures or sound over RTP with rtcp-mux; add a recvonly transceiver."
        case .nothingToSend:
            "The offer has no section that sends pictures or sound over RTP with rtcp-mux; add a sendonly transceiver."
        case .noCommonFormat(let kind, let formats, let offered):
            "The viewer can't play this path's \(kind) (\(Self.list(formats))); it takes \(Self.list(offered))."
        case .noAcceptedFormat(let offered):
            "This server takes H.264 with packetization-mode 1, H.265, Opus and G.711; "
                + "the offer has \(Self.list(offered))."
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}

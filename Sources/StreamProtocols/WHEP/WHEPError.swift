/// Why an offer can't be answered.
public enum WHEPError: Error, Equatable, CustomStringConvertible {
    case malformed(String)
    case missing(attribute: String)
    case unsupportedSetup(String)
    case nothingToReceive
    /// - Parameters:
    ///   - kind: `video`, `sound` or `tracks`.
    ///   - formats: what the path has of that kind.
    ///   - offered: what the viewer takes.
    case noCommonFormat(kind: String, formats: [String], offered: [String])

    /// The status of the response (RFC 9110 §15.5): 400 for what can't be read, 422 for what can't be answered. 406 stands for an
    /// offer in return (draft-ietf-wish-whep §4.2), which is never made here.
    public var status: Int {
        switch self {
        case .malformed, .missing: 400
        case .unsupportedSetup, .nothingToReceive, .noCommonFormat: 422
        }
    }

    public var description: String {
        switch self {
        case .malformed(let reason): reason
        case .missing(let attribute):
            "The offer has no \"\(attribute)\", which WebRTC needs; send the description that createOffer() makes."
        case .unsupportedSetup(let setup):
            "The offer says \"a=setup:\(setup)\", but this server waits for the viewer's DTLS; offer actpass or active."
        case .nothingToReceive:
            "The offer has no section that receives pictures or sound over RTP with rtcp-mux; add a recvonly transceiver."
        case .noCommonFormat(let kind, let formats, let offered):
            "The viewer can't play this path's \(kind) (\(Self.list(formats))); it takes \(Self.list(offered))."
        }
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}

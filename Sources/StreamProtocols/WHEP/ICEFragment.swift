/// Candidates that a client found after its offer (RFC 8840 §9, the body of a PATCH). They are not read: an agent that only
/// answers sees from the checks where its peer is.
public struct ICEFragment: Sendable, Equatable {
    /// The session's, or a new one, by which the client asks to begin ICE anew (RFC 9725 §4.3.3); nil when not said.
    public let usernameFragment: String?

    public init(parsing body: ArraySlice<UInt8>) throws(WebRTCOfferError) {
        do throws(SDPError) {
            let description = try SessionDescription(parsing: body)
            usernameFragment =
                description.attribute("ice-ufrag")
                ?? description.media.lazy.compactMap { $0.attribute("ice-ufrag") }.first
        } catch {
            throw .malformed(error.description)
        }
    }
}

/// What a client of WebRTC offers (RFC 8829), one that views (draft-ietf-wish-whep) or one that publishes (RFC 9725), read as far as
/// both have it in common.
public struct WebRTCOffer: Sendable {
    /// More would only cost: a browser gives one, aiortc three.
    private static let fingerprintLimit = 16
    /// RFC 8839 §5.4
    private static let usernameFragmentLength = 4...256

    /// What the client's checks are known by.
    public let remoteUsernameFragment: String
    /// Any of these is that of the client's certificate.
    public let fingerprints: [DTLSFingerprint]
    let media: [MediaDescription]
    /// Sections that share one transport with the first that is not refused (RFC 9143); by their place.
    let bundled: Set<Int>

    /// Reads the body of a POST.
    public init(parsing body: ArraySlice<UInt8>) throws(WebRTCOfferError) {
        let description: SessionDescription
        do throws(SDPError) {
            description = try SessionDescription(parsing: body)
        } catch {
            throw .malformed(error.description)
        }
        let bundled = Self.bundled(description)
        guard let place = bundled.min() else { throw .noMedia }
        media = description.media
        self.bundled = bundled
        // RFC 8839 §4.2, RFC 8122 §5: what all sections have in common may stand before them.
        func attributes(_ name: String) -> [String] {
            let own = description.media[place].attributes + description.attributes
            return own.lazy.filter { $0.name.equalsIgnoringASCIICase(name) }.compactMap(\.value)
        }
        guard let fragment = attributes("ice-ufrag").first else { throw .missing(attribute: "a=ice-ufrag") }
        guard Self.usernameFragmentLength.contains(fragment.utf8.count) else {
            throw .malformed("The offer's ice-ufrag has not 4 to 256 characters.")
        }
        remoteUsernameFragment = fragment
        fingerprints = attributes("fingerprint").prefix(Self.fingerprintLimit)
            .compactMap(DTLSFingerprint.init(parsing:))
        guard !fingerprints.isEmpty else { throw .missing(attribute: "a=fingerprint:sha-256") }
        // RFC 8842 §5.2: whoever says nothing is active.
        if let setup = attributes("setup").first, !["actpass", "active"].contains(setup.lowercased()) {
            throw .unsupportedSetup(printable(setup.utf8))
        }
    }

    /// Whether the viewer has a place for a format, and plays it.
    public func takes(_ format: MediaFormat) -> Bool {
        media.indices.contains { place in
            let section = media[place]
            guard isReceiving(place), section.kind == format.kind else { return false }
            let index = SDPFormatIndex(section.attributes)
            return WHEPFormat(format, index, payloadTypes: section.payloadTypes) != nil
        }
    }

    /// The sections of the first BUNDLE group, or the first section where nothing is bundled.
    private static func bundled(_ description: SessionDescription) -> Set<Int> {
        let groups = description.attributes.lazy.filter { $0.name.equalsIgnoringASCIICase("group") }
        let group = groups.compactMap { $0.value?.split(at: " ") }.first {
            $0.first?.equalsIgnoringASCIICase("BUNDLE") ?? false
        }
        guard let group else { return description.media.isEmpty ? [] : [0] }
        let names = Set(group.dropFirst().map(String.init))
        return Set(
            description.media.indices.filter { description.media[$0].attribute("mid").map(names.contains) ?? false })
    }

    /// Whether a viewer takes media of a section over the one transport.
    func isReceiving(_ place: Int) -> Bool { flows(place, [.receiveOnly, .sendReceive]) }

    /// Whether a publisher sends media of a section over the one transport.
    func isSending(_ place: Int) -> Bool { flows(place, [.sendOnly, .sendReceive]) }

    private func flows(_ place: Int, _ directions: [SDPDirection]) -> Bool {
        let section = media[place]
        func has(_ name: String) -> Bool { section.attributes.contains { $0.name.equalsIgnoringASCIICase(name) } }
        return bundled.contains(place)
            // RFC 9143 §6: without a port of its own is not the same as refused.
            && (section.port != 0 || has("bundle-only"))
            && section.protocolName.uppercased().hasSuffix("RTP/SAVPF") && has("rtcp-mux")
            // RFC 8866 §6.7: whoever says nothing sends and receives.
            && directions.contains(section.direction ?? .sendReceive)
    }
}

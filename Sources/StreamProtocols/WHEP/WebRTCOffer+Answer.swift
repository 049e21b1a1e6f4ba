/// What the answers to viewers and to publishers have in common.
extension WebRTCOffer {
    static var midExtension: String { "urn:ietf:params:rtp-hdrext:sdes:mid" }

    static var transportNumberExtension: String {
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    }

    static var transportFeedback: String { "transport-cc" }

    /// Encodings that carry no pictures or sound of their own.
    private static var helpers: Set<String> { ["rtx", "red", "ulpfec", "flexfec-03", "cn", "telephone-event"] }

    /// What the sections have, for a message.
    func encodingNames(_ places: [Int]) -> [String] {
        let names = places.flatMap { SDPFormatIndex(media[$0].attributes).maps.values.map(\.encodingName) }
        let codecs = Set(names.filter { !Self.helpers.contains($0.lowercased()) }.map { printable($0.utf8) })
        return [String](codecs.sorted().prefix(8))
    }

    /// The description.
    ///
    /// - Parameters:
    ///   - accepted: the sections that are not refused, by their place.
    ///   - candidates: where we are reached, the best first.
    func answerText(
        accepting accepted: [Int: MediaDescription], local: ICECredentials, fingerprint: DTLSFingerprint,
        candidates: [ICECandidate]
    ) -> String {
        let places = accepted.keys.sorted()
        // A section without a name is alone.
        let names = places.compactMap { media[$0].attribute("mid") }.filter { !$0.isEmpty }
        let group = names.isEmpty ? [] : [SDPAttribute("group", "BUNDLE " + names.joined(separator: " "))]
        let description = SessionDescription(
            origin: .init(sessionID: String(UInt32.random(in: 1...UInt32.max)), sessionVersion: "1"),
            attributes: group + [SDPAttribute("ice-lite"), SDPAttribute("msid-semantic", "WMS *")],
            media: media.indices.map { place in
                guard var section = accepted[place] else { return refusal(of: place) }
                section.attributes += [
                    SDPAttribute("ice-ufrag", local.usernameFragment), SDPAttribute("ice-pwd", local.password),
                    SDPAttribute("fingerprint", fingerprint.description), SDPAttribute("setup", "passive"),
                ]
                // RFC 9143 §7.3: those of the group's first section are everybody's.
                if place == places.first {
                    section.attributes += candidates.map { SDPAttribute("candidate", $0.attributeValue) }
                    section.attributes.append(SDPAttribute("end-of-candidates"))
                }
                return section
            })
        return description.serialized()
    }

    /// What a section of the offer and its answer agree on.
    struct Agreement {
        var map: SDPRTPMap
        /// The answer's `fmtp` value; nil when there is nothing to say.
        var parameters: String?
        /// The payload type of packets that are sent again.
        var retransmissionPayloadType: UInt8?
        var midExtensionID: UInt8?
        var transportNumberExtensionID: UInt8?
        /// Of what the offer has; see ``MediaDescription/feedback(of:among:)``.
        var feedback: [String]
    }

    /// A section of the answer, without what the transport needs.
    func section(_ place: Int, _ direction: SDPDirection, _ agreed: Agreement) -> MediaDescription {
        let offered = media[place]
        let type = agreed.map.payloadType
        let mid = offered.attribute("mid") ?? ""
        var attributes = mid.isEmpty ? [] : [SDPAttribute("mid", mid)]
        attributes += [
            SDPAttribute(direction.rawValue), SDPAttribute("rtcp-mux"), SDPAttribute("rtcp-rsize"),
            SDPAttribute("rtpmap", agreed.map.description),
        ]
        if let parameters = agreed.parameters { attributes.append(SDPAttribute("fmtp", "\(type) \(parameters)")) }
        attributes += agreed.feedback.map { SDPAttribute("rtcp-fb", "\(type) \($0)") }
        if let again = agreed.retransmissionPayloadType {
            let map = SDPRTPMap(payloadType: again, encodingName: "rtx", clockRate: agreed.map.clockRate)
            attributes += [SDPAttribute("rtpmap", map.description), SDPAttribute("fmtp", "\(again) apt=\(type)")]
        }
        for (id, uri) in [
            (agreed.midExtensionID, Self.midExtension),
            (agreed.transportNumberExtensionID, Self.transportNumberExtension),
        ] {
            if let id { attributes.append(SDPAttribute("extmap", "\(id) \(uri)")) }
        }
        let types = [type] + (agreed.retransmissionPayloadType.map { [$0] } ?? [])
        return MediaDescription(
            kind: offered.kind, port: 9, protocolName: offered.protocolName, formats: types.map(String.init),
            connections: ["IN IP4 0.0.0.0"], attributes: attributes)
    }

    /// RFC 8829 §5.3.1: a section that is refused keeps its place, with port 0.
    private func refusal(of place: Int) -> MediaDescription {
        let offered = media[place]
        let mid = offered.attribute("mid").map { [SDPAttribute("mid", $0)] } ?? []
        return MediaDescription(
            kind: offered.kind, port: 0, protocolName: offered.protocolName,
            formats: offered.formats.isEmpty ? ["0"] : [offered.formats[0]], connections: ["IN IP4 0.0.0.0"],
            attributes: mid + [SDPAttribute("inactive")])
    }
}

extension MediaDescription {
    /// The number by which packets name a header extension (RFC 8285 §5), if it fits in a one-byte header.
    func headerExtensionID(of uri: String) -> UInt8? {
        for attribute in attributes where attribute.name.equalsIgnoringASCIICase("extmap") {
            let parts = attribute.value?.split(at: " ") ?? []
            // `3/recvonly urn:…`
            guard parts.count >= 2, parts[1] == uri, let number = parts[0].split(at: "/").first,
                let id = UInt8(number), (1...14).contains(id)
            else { continue }
            return id
        }
        return nil
    }

    /// By which number the transport's packets are counted (draft-holmer-rmcat-transport-wide-cc-extensions-01); nil when nobody
    /// reports by it of a payload type.
    func transportNumberExtensionID(for payloadType: UInt8) -> UInt8? {
        feedback(of: payloadType, among: [WebRTCOffer.transportFeedback]).isEmpty
            ? nil : headerExtensionID(of: WebRTCOffer.transportNumberExtension)
    }

    /// The feedback on a payload type that the offer knows (RFC 4585 §4.2), of the kinds that are understood.
    func feedback(of payloadType: UInt8, among understood: [String]) -> [String] {
        let offered = Set(
            attributes.lazy.filter { $0.name.equalsIgnoringASCIICase("rtcp-fb") }.compactMap { attribute in
                attribute.value?.splitOnce(at: " ").flatMap { type, kind in
                    type == "*" || UInt8(type) == payloadType ? kind.trimmingASCIIWhitespace().lowercased() : nil
                }
            })
        return understood.filter(offered.contains)
    }
}

extension SDPFormatIndex {
    /// The payload type of packets that are sent again of another one (RFC 4588 §8.1).
    func retransmissionPayloadType(of payloadType: UInt8, among payloadTypes: [UInt8]) -> UInt8? {
        payloadTypes.first { type in
            maps[type]?.encodingName.equalsIgnoringASCIICase("rtx") ?? false
                && parameters[type]?["apt"] == String(payloadType)
        }
    }
}

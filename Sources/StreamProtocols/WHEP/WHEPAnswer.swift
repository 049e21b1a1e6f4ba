/// What a viewer's offer is answered: who sends what, and the session description that says so.
public struct WHEPAnswer: Sendable {
    /// A track that is sent.
    public struct Track: Sendable, Equatable {
        /// Packets that are sent again, in a stream of their own (RFC 4588).
        public struct Retransmission: Sendable, Equatable {
            public var payloadType: UInt8
            public var ssrc: UInt32
        }

        /// Its place among the path's.
        public var trackIndex: Int
        /// The media section's name.
        public var mid: String
        /// The offer's.
        public var payloadType: UInt8
        public var clockRate: UInt32
        public var ssrc: UInt32
        /// nil when the viewer knows none: a lost packet is sent again as it was.
        public var retransmission: Retransmission?
        /// By which the viewer knows the header extension that names the media section; nil when it does not.
        public var midExtensionID: UInt8?
        /// Likewise of the one that counts packets, when the viewer reports by it when each came.
        public var transportNumberExtensionID: UInt8?
    }

    /// Tracks that one viewer is sent at most.
    static let trackLimit = 16

    public let tracks: [Track]
    /// The name of all its sources in RTCP (RFC 3550 §6.5.1): tracks of one name are played in step.
    public let cname: String
    /// The description.
    public let text: String
}

extension WHEPOffer {
    /// Says what of a path is sent to the viewer.
    ///
    /// - Parameters:
    ///   - tracks: the path's. Of each kind the first is sent that the viewer can play.
    ///   - candidates: where we are reached, the best first.
    /// - Throws: when the viewer can play nothing of the path, or has a place for its pictures and can't play those.
    public func answer(
        tracks: [MediaFormat], local: ICECredentials, fingerprint: DTLSFingerprint, candidates: [ICECandidate]
    ) throws(WHEPError) -> WHEPAnswer {
        guard media.indices.contains(where: { isReceiving($0) && [.video, .audio].contains(media[$0].kind) }) else {
            throw .nothingToReceive
        }
        let sent = matches(tracks)
        for kind in [MediaDescription.Kind.video, .audio] {
            // Sound that can't be played is left out beside pictures that can.
            guard !sent.contains(where: { kind == .audio || media[$0.place].kind == kind }) else { continue }
            let places = media.indices.filter { isReceiving($0) && media[$0].kind == kind }
            let formats = tracks.filter { $0.kind == kind }.map(\.name)
            guard !places.isEmpty, !formats.isEmpty else { continue }
            throw .noCommonFormat(
                kind: kind == .video ? "video" : "sound", formats: formats, offered: encodingNames(places))
        }
        guard !sent.isEmpty else {
            throw .noCommonFormat(
                kind: "tracks", formats: tracks.map(\.name),
                offered: encodingNames(media.indices.filter(isReceiving)))
        }
        let cname = ICECredentials.random().usernameFragment
        // A section without a name is alone.
        let names = sent.map(\.track.mid).filter { !$0.isEmpty }
        let group = names.isEmpty ? [] : [SDPAttribute("group", "BUNDLE " + names.joined(separator: " "))]
        let description = SessionDescription(
            origin: .init(sessionID: String(UInt32.random(in: 1...UInt32.max)), sessionVersion: "1"),
            attributes: group + [SDPAttribute("ice-lite"), SDPAttribute("msid-semantic", "WMS *")],
            media: media.indices.map { place in
                guard let match = sent.first(where: { $0.place == place }) else { return refusal(of: place) }
                var section = accepted(match, cname: cname)
                section.attributes += [
                    SDPAttribute("ice-ufrag", local.usernameFragment), SDPAttribute("ice-pwd", local.password),
                    SDPAttribute("fingerprint", fingerprint.description), SDPAttribute("setup", "passive"),
                ]
                // RFC 9143 §7.3: those of the group's first section are everybody's.
                if place == sent.first?.place {
                    section.attributes += candidates.map { SDPAttribute("candidate", $0.attributeValue) }
                    section.attributes.append(SDPAttribute("end-of-candidates"))
                }
                return section
            })
        return WHEPAnswer(tracks: sent.map(\.track), cname: cname, text: description.serialized())
    }

    /// A track with the section of the offer that receives it.
    private struct Match {
        var place: Int
        var track: WHEPAnswer.Track
        var format: WHEPFormat
    }

    /// Gives each section the first track of its kind that it takes and no other has.
    private func matches(_ tracks: [MediaFormat]) -> [Match] {
        var matches: [Match] = []
        for place in media.indices where isReceiving(place) && matches.count < WHEPAnswer.trackLimit {
            let section = media[place]
            let index = SDPFormatIndex(section.attributes)
            let payloadTypes = section.payloadTypes
            for (trackIndex, track) in tracks.enumerated()
            where track.kind == section.kind && !matches.contains(where: { $0.track.trackIndex == trackIndex }) {
                guard let format = WHEPFormat(track, index, payloadTypes: payloadTypes) else { continue }
                let again = payloadTypes.first { type in
                    index.maps[type]?.encodingName.equalsIgnoringASCIICase("rtx") ?? false
                        && index.parameters[type]?["apt"] == String(format.map.payloadType)
                }
                matches.append(
                    Match(
                        place: place,
                        track: WHEPAnswer.Track(
                            trackIndex: trackIndex, mid: section.attribute("mid") ?? "",
                            payloadType: format.map.payloadType, clockRate: format.map.clockRate,
                            ssrc: .random(in: 1 ... .max),
                            retransmission: again.map { .init(payloadType: $0, ssrc: .random(in: 1 ... .max)) },
                            midExtensionID: section.headerExtensionID(of: Self.midExtension),
                            transportNumberExtensionID: section.feedback(
                                of: format.map.payloadType, among: [Self.transportFeedback]
                            ).isEmpty ? nil : section.headerExtensionID(of: Self.transportNumberExtension)),
                        format: format))
                break
            }
        }
        return matches
    }

    private static var midExtension: String { "urn:ietf:params:rtp-hdrext:sdes:mid" }

    private static var transportNumberExtension: String {
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    }

    private static var transportFeedback: String { "transport-cc" }

    /// Encodings that carry no pictures or sound of their own.
    private static var helpers: Set<String> { ["rtx", "red", "ulpfec", "flexfec-03", "cn", "telephone-event"] }

    /// What the sections take, for a message.
    private func encodingNames(_ places: [Int]) -> [String] {
        let names = places.flatMap { SDPFormatIndex(media[$0].attributes).maps.values.map(\.encodingName) }
        let codecs = Set(names.filter { !Self.helpers.contains($0.lowercased()) }.map { printable($0.utf8) })
        return [String](codecs.sorted().prefix(8))
    }

    private func accepted(_ match: Match, cname: String) -> MediaDescription {
        let (offered, track) = (media[match.place], match.track)
        let type = track.payloadType
        var attributes = track.mid.isEmpty ? [] : [SDPAttribute("mid", track.mid)]
        attributes += [
            SDPAttribute("sendonly"), SDPAttribute("rtcp-mux"),
            SDPAttribute("rtcp-rsize"), SDPAttribute("rtpmap", match.format.map.description),
        ]
        if let parameters = match.format.parameters { attributes.append(SDPAttribute("fmtp", "\(type) \(parameters)")) }
        // Of two estimates of the line, browsers give the one that says when each packet came.
        let estimate = track.transportNumberExtensionID == nil ? "goog-remb" : Self.transportFeedback
        attributes += offered.feedback(of: type, among: ["nack", "nack pli", "ccm fir", estimate])
            .map { SDPAttribute("rtcp-fb", "\(type) \($0)") }
        if let again = track.retransmission {
            let map = SDPRTPMap(payloadType: again.payloadType, encodingName: "rtx", clockRate: track.clockRate)
            attributes += [
                SDPAttribute("rtpmap", map.description), SDPAttribute("fmtp", "\(again.payloadType) apt=\(type)"),
            ]
        }
        if let id = track.midExtensionID { attributes.append(SDPAttribute("extmap", "\(id) \(Self.midExtension)")) }
        if let id = track.transportNumberExtensionID {
            attributes.append(SDPAttribute("extmap", "\(id) \(Self.transportNumberExtension)"))
        }
        // RFC 8830: one stream, so that a player gets pictures and sound together.
        attributes.append(SDPAttribute("msid", "\(cname) \(offered.kind.rawValue)"))
        if let again = track.retransmission {
            attributes.append(SDPAttribute("ssrc-group", "FID \(track.ssrc) \(again.ssrc)"))
        }
        attributes += ([track.ssrc] + (track.retransmission.map { [$0.ssrc] } ?? []))
            .map { SDPAttribute("ssrc", "\($0) cname:\(cname)") }
        return MediaDescription(
            kind: offered.kind, port: 9, protocolName: offered.protocolName,
            formats: ([type] + (track.retransmission.map { [$0.payloadType] } ?? [])).map(String.init),
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
    fileprivate func headerExtensionID(of uri: String) -> UInt8? {
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

    /// The feedback that the viewer gives on a payload type (RFC 4585 §4.2), of the kinds that are understood.
    fileprivate func feedback(of payloadType: UInt8, among understood: [String]) -> [String] {
        let offered = Set(
            attributes.lazy.filter { $0.name.equalsIgnoringASCIICase("rtcp-fb") }.compactMap { attribute in
                attribute.value?.splitOnce(at: " ").flatMap { type, kind in
                    type == "*" || UInt8(type) == payloadType ? kind.trimmingASCIIWhitespace().lowercased() : nil
                }
            })
        return understood.filter(offered.contains)
    }
}

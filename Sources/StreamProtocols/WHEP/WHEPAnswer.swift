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

extension WebRTCOffer {
    /// Says what of a path is sent to the viewer.
    ///
    /// - Parameters:
    ///   - tracks: the path's. Of each kind the first is sent that the viewer can play.
    ///   - candidates: where we are reached, the best first.
    /// - Throws: when the viewer can play nothing of the path, or has a place for its pictures and can't play those.
    public func answer(
        tracks: [MediaFormat], local: ICECredentials, fingerprint: DTLSFingerprint, candidates: [ICECandidate]
    ) throws(WebRTCOfferError) -> WHEPAnswer {
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
        let sections = sent.map { ($0.place, section(of: $0, cname: cname)) }
        return WHEPAnswer(
            tracks: sent.map(\.track), cname: cname,
            text: answerText(
                accepting: Dictionary(sections, uniquingKeysWith: { first, _ in first }), local: local,
                fingerprint: fingerprint, candidates: candidates))
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
                let type = format.map.payloadType
                matches.append(
                    Match(
                        place: place,
                        track: WHEPAnswer.Track(
                            trackIndex: trackIndex, mid: section.attribute("mid") ?? "",
                            payloadType: type, clockRate: format.map.clockRate, ssrc: .random(in: 1 ... .max),
                            retransmission: index.retransmissionPayloadType(of: type, among: payloadTypes)
                                .map { .init(payloadType: $0, ssrc: .random(in: 1 ... .max)) },
                            midExtensionID: section.headerExtensionID(of: Self.midExtension),
                            transportNumberExtensionID: section.transportNumberExtensionID(for: type)),
                        format: format))
                break
            }
        }
        return matches
    }

    private func section(of match: Match, cname: String) -> MediaDescription {
        let (offered, track) = (media[match.place], match.track)
        // Of two estimates of the line, browsers give the one that says when each packet came.
        let estimate = track.transportNumberExtensionID == nil ? "goog-remb" : Self.transportFeedback
        var result = section(
            match.place, .sendOnly,
            Agreement(
                map: match.format.map, parameters: match.format.parameters,
                retransmissionPayloadType: track.retransmission?.payloadType, midExtensionID: track.midExtensionID,
                transportNumberExtensionID: track.transportNumberExtensionID,
                feedback: offered.feedback(of: track.payloadType, among: ["nack", "nack pli", "ccm fir", estimate])))
        // RFC 8830: one stream, so that a player gets pictures and sound together.
        result.attributes.append(SDPAttribute("msid", "\(cname) \(offered.kind.rawValue)"))
        if let again = track.retransmission {
            result.attributes.append(SDPAttribute("ssrc-group", "FID \(track.ssrc) \(again.ssrc)"))
        }
        result.attributes += ([track.ssrc] + (track.retransmission.map { [$0.ssrc] } ?? []))
            .map { SDPAttribute("ssrc", "\($0) cname:\(cname)") }
        return result
    }
}

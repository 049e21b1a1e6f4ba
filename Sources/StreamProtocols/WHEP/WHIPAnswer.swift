/// What a publisher's offer is answered (RFC 9725): which tracks are taken, and the session description that says so.
public struct WHIPAnswer: Sendable {
    /// A track that is taken.
    public struct Track: Sendable, Equatable {
        /// With the offer's payload type.
        public var format: RTPFormat
        /// Of packets that are sent again, in a stream of their own (RFC 4588); nil when they come again as they were.
        public var retransmissionPayloadType: UInt8?
        /// Whether the publisher sends again what is missed (generic NACK, RFC 4585 §6.2.1).
        public var repeatsPackets: Bool
        /// By which header extension packets are counted, when the publisher wants to be told when each came.
        public var transportNumberExtensionID: UInt8?

        public init(
            format: RTPFormat, retransmissionPayloadType: UInt8? = nil, repeatsPackets: Bool = false,
            transportNumberExtensionID: UInt8? = nil
        ) {
            self.format = format
            self.retransmissionPayloadType = retransmissionPayloadType
            self.repeatsPackets = repeatsPackets
            self.transportNumberExtensionID = transportNumberExtensionID
        }
    }

    /// Pictures before sound.
    public let tracks: [Track]
    /// The description.
    public let text: String
}

extension WebRTCOffer {
    /// Says what of a publisher is taken: the first pictures and the first sound in a format that is understood.
    ///
    /// - Parameter candidates: where we are reached, the best first.
    /// - Throws: when nothing can be taken, or the publisher has pictures and none that can.
    public func answerPublisher(
        local: ICECredentials, fingerprint: DTLSFingerprint, candidates: [ICECandidate]
    ) throws(WebRTCOfferError) -> WHIPAnswer {
        let places = media.indices.filter { isSending($0) && [.video, .audio].contains(media[$0].kind) }
        guard !places.isEmpty else { throw .nothingToSend }
        let pictures = accepted(.video, of: places)
        let sound = accepted(.audio, of: places)
        // Sound that is not understood is left out beside pictures that are.
        let taken = [pictures, sound].compactMap { $0 }
        let picturePlaces = places.filter { media[$0].kind == .video }
        guard !taken.isEmpty, pictures != nil || picturePlaces.isEmpty else {
            throw .noAcceptedFormat(offered: encodingNames(picturePlaces.isEmpty ? places : picturePlaces))
        }
        let sections = taken.map { ($0.place, section($0.place, .receiveOnly, $0.agreement)) }
        return WHIPAnswer(
            tracks: taken.map { match in
                WHIPAnswer.Track(
                    format: match.format,
                    retransmissionPayloadType: match.agreement.retransmissionPayloadType,
                    repeatsPackets: match.agreement.feedback.contains("nack"),
                    transportNumberExtensionID: match.agreement.transportNumberExtensionID)
            },
            text: answerText(
                accepting: Dictionary(sections, uniquingKeysWith: { first, _ in first }), local: local,
                fingerprint: fingerprint, candidates: candidates))
    }

    /// A section whose media is taken.
    private struct Accepted {
        var place: Int
        var format: RTPFormat
        var agreement: Agreement
    }

    /// The first section of a kind with a payload type that is understood, which is the publisher's preferred one.
    private func accepted(_ kind: MediaDescription.Kind, of places: [Int]) -> Accepted? {
        for place in places where media[place].kind == kind {
            let section = media[place]
            let index = SDPFormatIndex(section.attributes)
            let payloadTypes = section.payloadTypes
            for type in payloadTypes {
                guard let map = index.maps[type] ?? SDPRTPMap.fixed[type],
                    let format = WHIPFormat(map, index.parameters[type] ?? [:]), format.format.media.kind == kind
                else { continue }
                return Accepted(
                    place: place, format: format.format,
                    agreement: Agreement(
                        map: map, parameters: format.parameters,
                        retransmissionPayloadType: index.retransmissionPayloadType(of: type, among: payloadTypes),
                        transportNumberExtensionID: section.transportNumberExtensionID(for: type),
                        feedback: section.feedback(
                            of: type, among: ["nack", "nack pli", Self.transportFeedback])))
            }
        }
        return nil
    }
}

/// How a publisher may send: by one payload type of its offer.
struct WHIPFormat: Equatable {
    var format: RTPFormat
    /// The answer's `fmtp` value; nil when there is nothing to say.
    var parameters: String?

    /// nil for what is not understood, and for what no browser could be shown.
    init?(_ map: SDPRTPMap, _ offered: [String: String]) {
        guard let format = try? RTPFormat.track(map.payloadType, map: map, parameters: offered) else { return nil }
        self.format = format
        switch format.media {
        case .h264:
            let id = offered["profile-level-id"] ?? "42e01f"
            // RFC 6184 §6.2: fragments need packetization-mode 1.
            guard offered["packetization-mode"] == "1", let profile = H264Profile(profileLevelID: id),
                profile != .other
            else { return nil }
            // The level binds nobody where both sides may have one of their own.
            parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=\(id)"
        case .h265:
            guard let offer = OfferedH265(offered) else { return nil }
            parameters = offer.parameters
        case .opus:
            // RFC 7587 §7: always with two channels in the map; how many are sent is said apart, or wished for by the answer.
            guard map.channels == 2 else { return nil }
            let isStereo = offered["sprop-stereo"] == "1" || offered["stereo"] == "1"
            self.format.media = .opus(channelCount: isStereo ? 2 : 1)
            parameters = isStereo ? "minptime=10;stereo=1;useinbandfec=1" : "minptime=10;useinbandfec=1"
        case .g711(_, sampleRate: 8000, channelCount: 1): parameters = nil
        case .aac, .g711, .mp3, .generic: return nil
        }
    }
}

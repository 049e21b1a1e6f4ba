import Testing

@testable import StreamProtocols

@Suite struct WHIPAnswerTests {
    private func answer(_ offer: String) throws -> (WHIPAnswer, SessionDescription) {
        let answer = try WebRTCOffer(parsing: [UInt8](offer.utf8)[...])
            .answerPublisher(
                local: ICECredentials(usernameFragment: "ourfragm", password: "our-password-of-24-chars"),
                fingerprint: DTLSFingerprint(sha256OfCertificate: [1, 2, 3]),
                candidates: [
                    ICECandidate(
                        address: TransportAddress(bits: 0xFFFF_7F00_0001, port: 8189), transport: .udp, rank: 0)
                ])
        return (answer, try SessionDescription(parsing: answer.text.utf8))
    }

    /// A client's offer for viewing as the same client makes it for publishing.
    private func publishing(_ offer: BrowserOffers.Offer) -> String {
        offer.text.replacing("a=recvonly", with: "a=sendonly")
    }

    /// What every client's offer comes to: one transport, pictures and sound, all that brings lost packets again.
    @Test(arguments: BrowserOffers.all) func answersClients(offer: BrowserOffers.Offer) throws {
        let (answer, description) = try answer(publishing(offer))
        let offered = try SessionDescription(parsing: offer.text.utf8)
        #expect(answer.tracks.map(\.format.media) == [.h264(nil), .opus(channelCount: 1)])
        #expect(description.media.map(\.kind) == offered.media.map(\.kind))
        #expect(description.attributes.contains(SDPAttribute("ice-lite")))
        #expect(description.attribute("group") == offered.attribute("group"))
        for (place, section) in description.media.enumerated() {
            let track = answer.tracks[place]
            #expect(section.attribute("mid") == offered.media[place].attribute("mid"))
            #expect(section.port == 9 && section.protocolName == offered.media[place].protocolName)
            #expect(section.direction == .receiveOnly)
            #expect(section.attribute("setup") == "passive" && section.attribute("ice-ufrag") == "ourfragm")
            #expect(section.attributes.contains(SDPAttribute("rtcp-mux")))
            #expect(section.payloadTypes.first == track.format.payloadType)
            let map = try #require(offered.media[place].rtpMap(for: track.format.payloadType))
            #expect(section.rtpMap(for: track.format.payloadType) == map)
            #expect(section.attributes.filter { $0.name == "candidate" }.count == (place == 0 ? 1 : 0))
            // We send nothing.
            #expect(section.attribute("ssrc") == nil && section.attribute("msid") == nil)
        }
        let video = answer.tracks[0]
        let section = description.media[0]
        let parameters = section.formatParameters(for: video.format.payloadType)
        #expect(parameters["packetization-mode"] == "1" && parameters["level-asymmetry-allowed"] == "1")
        #expect(parameters["profile-level-id"] == "42001f")
        let again = try #require(video.retransmissionPayloadType)
        #expect(video.repeatsPackets && !answer.tracks[1].repeatsPackets)
        #expect(section.formatParameters(for: again)["apt"] == String(video.format.payloadType))
        #expect(section.rtpMap(for: again)?.encodingName == "rtx")
        let number = offer.transportNumberExtensionID
        #expect(answer.tracks.map(\.transportNumberExtensionID) == [number, number])
        let feedback = section.attributes.filter { $0.name == "rtcp-fb" }.compactMap(\.value)
        #expect(feedback.contains("\(video.format.payloadType) nack pli"))
        #expect(!feedback.contains { $0.hasSuffix("goog-remb") })
    }

    /// As libdatachannel has it, by which OBS sends; sections that say nothing of a direction send and receive.
    @Test(arguments: ["a=sendonly\r\n", "a=sendrecv\r\n", ""]) func answersOBS(direction: String) throws {
        let offer = Self.offer(
            [
                (
                    "audio", "111",
                    ["rtpmap:111 opus/48000/2", "fmtp:111 minptime=10;stereo=1;sprop-stereo=1;useinbandfec=1"]
                ),
                (
                    "video", "96",
                    [
                        "rtpmap:96 H264/90000", "rtcp-fb:96 nack", "rtcp-fb:96 nack pli",
                        "fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1",
                    ]
                ),
            ], direction: direction)
        let (answer, description) = try answer(offer)
        #expect(answer.tracks.map(\.format.media) == [.h264(nil), .opus(channelCount: 2)])
        #expect(answer.tracks.map(\.format.payloadType) == [96, 111])
        #expect(answer.tracks.map(\.retransmissionPayloadType) == [nil, nil])
        #expect(answer.tracks.map(\.repeatsPackets) == [true, false])
        #expect(description.attribute("group") == "BUNDLE 0 1")
        // The first section has the candidates.
        #expect(description.media.map { $0.attribute("candidate") != nil } == [true, false])
        #expect(description.media[0].formatParameters(for: 111)["stereo"] == "1")
    }

    /// In the publisher's order; one section of each kind.
    @Test(arguments: [
        (["rtpmap:96 H265/90000", "rtpmap:97 H264/90000", "fmtp:97 packetization-mode=1"], "96", "H265"),
        (["rtpmap:96 H264/90000", "fmtp:96 packetization-mode=0", "rtpmap:97 H265/90000"], "97", "H265"),
        (["rtpmap:96 AV1/90000", "rtpmap:97 H264/90000", "fmtp:97 packetization-mode=1"], "97", "H264"),
        // Ten bits and 4:4:4 are for no browser.
        (
            [
                "rtpmap:96 H264/90000", "fmtp:96 packetization-mode=1;profile-level-id=f4001f", "rtpmap:97 H264/90000",
                "fmtp:97 packetization-mode=1;profile-level-id=640c1f",
            ], "97", "H264"
        ),
    ])
    func takesWhatItUnderstands(attributes: [String], type: String, name: String) throws {
        let section: Section = ("video", "96 97", attributes)
        let (answer, description) = try answer(Self.offer([section, section]))
        #expect(answer.tracks.map(\.format.media.name) == [name])
        #expect(description.media.map(\.port) == [9, 0])
        #expect(description.media[0].formats == [type])
    }

    @Test func soundAloneIsTakenAndG711NeedsNoMap() throws {
        let (answer, _) = try answer(Self.offer([("audio", "9 8", ["rtpmap:9 G722/8000"])]))
        #expect(answer.tracks.map(\.format.media) == [.g711(.a, sampleRate: 8000, channelCount: 1)])
    }

    /// Sound that is not understood is left out; pictures that are not are the point of it all.
    @Test func whatIsNotUnderstoodIsRefused() throws {
        let pictures: Section = ("video", "96", ["rtpmap:96 H264/90000", "fmtp:96 packetization-mode=1"])
        let (answer, description) = try answer(Self.offer([pictures, ("audio", "9", ["rtpmap:9 G722/8000"])]))
        #expect(answer.tracks.count == 1 && description.media.map(\.port) == [9, 0])
        let error = try #require(throws: WebRTCOfferError.self) {
            try self.answer(publishing(BrowserOffers.firefox))
        }
        #expect(error == .noAcceptedFormat(offered: ["AV1", "VP8", "VP9"]) && error.status == 406)
        #expect(error.description.hasSuffix("the offer has AV1, VP8, VP9."))
    }

    @Test(arguments: [
        ("a=sendonly", "a=recvonly"), ("a=rtcp-mux\r\n", ""), ("m=video 9", "m=video 0"), ("m=video", "m=text"),
    ])
    func whoSendsNothingIsRefused(text: String, replacement: String) throws {
        let offer = Self.offer([("video", "96", ["rtpmap:96 H264/90000", "fmtp:96 packetization-mode=1"])])
        let error = try #require(throws: WebRTCOfferError.self) {
            try answer(offer.replacing(text, with: replacement))
        }
        #expect(error == .nothingToSend && error.status == 422)
    }

    private typealias Section = (kind: String, types: String, attributes: [String])

    private static func offer(_ sections: [Section], direction: String = "a=sendonly\r\n") -> String {
        let fingerprint = DTLSFingerprint(sha256OfCertificate: [7])
        let group = sections.indices.map(String.init).joined(separator: " ")
        let media = sections.enumerated().map { index, section in
            """
            m=\(section.kind) 9 UDP/TLS/RTP/SAVPF \(section.types)\r
            a=mid:\(index)\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:actpass\r
            a=fingerprint:\(fingerprint)\r\n\(direction)
            """ + section.attributes.map { "a=\($0)\r\n" }.joined()
        }
        return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE \(group)\r\n" + media.joined()
    }
}

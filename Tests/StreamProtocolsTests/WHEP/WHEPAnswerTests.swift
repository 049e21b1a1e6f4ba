import Testing

@testable import StreamProtocols

@Suite struct WHEPAnswerTests {
    private static let local = ICECredentials(usernameFragment: "ourfragm", password: "our-password-of-24-chars")
    private static let fingerprint = DTLSFingerprint(sha256OfCertificate: [1, 2, 3])
    private static let candidates = [
        ICECandidate(address: TransportAddress(bits: 0xFFFF_7F00_0001, port: 8189), transport: .udp, rank: 0),
        ICECandidate(address: TransportAddress(bits: 0xFFFF_7F00_0001, port: 8189), transport: .tcpPassive, rank: 0),
    ]
    private static let opus = MediaFormat.opus(channelCount: 2)
    private static let mu = MediaFormat.g711(.mu, sampleRate: 8000, channelCount: 1)

    /// H.264 of a profile, constraints and level.
    private static func h264(_ profileLevelID: String) -> MediaFormat {
        .h264(H264ParameterSets(sps: [0x67] + hexBytes(profileLevelID) + [0x8D], pps: [0x68, 0xCE]))
    }

    private func answer(_ offer: String, _ tracks: [MediaFormat]) throws -> (WHEPAnswer, SessionDescription) {
        let answer = try WebRTCOffer(parsing: [UInt8](offer.utf8)[...])
            .answer(
                tracks: tracks, local: Self.local, fingerprint: Self.fingerprint, candidates: Self.candidates)
        return (answer, try SessionDescription(parsing: answer.text.utf8))
    }

    /// What every client's offer comes to: one transport, everything that the client knows, pictures and sound.
    @Test(arguments: BrowserOffers.all) func answersClients(offer: BrowserOffers.Offer) throws {
        let (answer, description) = try answer(offer.text, [Self.h264("42E01F"), Self.opus])
        let offered = try SessionDescription(parsing: offer.text.utf8)
        #expect(answer.tracks.map(\.trackIndex) == [0, 1])
        #expect(description.media.map(\.kind) == offered.media.map(\.kind))
        #expect(description.attributes.contains(SDPAttribute("ice-lite")))
        #expect(description.attribute("group") == offered.attribute("group"))
        for (place, section) in description.media.enumerated() {
            let track = try #require(answer.tracks.first { $0.mid == section.attribute("mid") })
            #expect(section.attribute("mid") == offered.media[place].attribute("mid"))
            #expect(section.port == 9 && section.protocolName == offered.media[place].protocolName)
            #expect(section.direction == .sendOnly)
            #expect(section.attribute("setup") == "passive")
            #expect(section.attribute("ice-ufrag") == "ourfragm" && section.attribute("ice-pwd") == Self.local.password)
            #expect(section.attribute("fingerprint") == Self.fingerprint.description)
            #expect(section.attributes.contains(SDPAttribute("rtcp-mux")))
            #expect(section.payloadTypes.first == track.payloadType)
            let map = try #require(offered.media[place].rtpMap(for: track.payloadType))
            #expect(section.rtpMap(for: track.payloadType) == map)
            #expect(map.encodingName.lowercased() == (section.kind == .video ? "h264" : "opus"))
            #expect(section.attributes.filter { $0.name == "candidate" }.count == (place == 0 ? 2 : 0))
            #expect((section.attribute("extmap") != nil) == (track.midExtensionID != nil))
            #expect(section.attributes.contains(SDPAttribute("ssrc", "\(track.ssrc) cname:\(answer.cname)")))
        }
        let video = try #require(answer.tracks.first)
        let section = try #require(description.media.first { $0.kind == .video })
        let parameters = section.formatParameters(for: video.payloadType)
        #expect(parameters["packetization-mode"] == "1" && parameters["level-asymmetry-allowed"] == "1")
        #expect(parameters["profile-level-id"]?.lowercased().hasPrefix(offer.constrainedBaseline) == true)
        #expect(video.midExtensionID == offer.midExtensionID)
        #expect((video.retransmission != nil) == offer.hasRetransmission)
        if let again = video.retransmission {
            #expect(section.formatParameters(for: again.payloadType)["apt"] == String(video.payloadType))
            #expect(section.rtpMap(for: again.payloadType)?.encodingName == "rtx")
            #expect(section.attribute("ssrc-group") == "FID \(video.ssrc) \(again.ssrc)")
        }
        let feedback = section.attributes.filter { $0.name == "rtcp-fb" }.compactMap(\.value)
        #expect(feedback.contains("\(video.payloadType) nack pli"))
        // One estimate of the line: when each packet came, where the viewer numbers them, else what it makes of that itself.
        let numbers = section.attributes.filter { $0.name == "extmap" }.compactMap(\.value)
            .filter { $0.hasSuffix("transport-wide-cc-extensions-01") }
        #expect(numbers == offer.transportNumberExtensionID.map { ["\($0) \(Self.transportNumber)"] } ?? [])
        #expect(video.transportNumberExtensionID == offer.transportNumberExtensionID)
        let estimates = feedback.filter { $0.hasSuffix(" transport-cc") || $0.hasSuffix(" goog-remb") }
        let expected = offer.transportNumberExtensionID == nil ? "goog-remb" : "transport-cc"
        #expect(estimates == ["\(video.payloadType) \(expected)"])
    }

    private static let transportNumber = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

    /// A viewer that knows the numbers and does not report by them gets none.
    @Test func packetsAreNumberedForWhoReportsByIt() throws {
        let silent = BrowserOffers.chromium.text.replacing("transport-cc", with: "other")
        let (answer, description) = try answer(silent, [Self.h264("42E01F")])
        #expect(answer.tracks.map(\.transportNumberExtensionID) == [nil])
        #expect(!description.serialized().contains("transport-wide"))
    }

    /// Attributes stand before the sections, the extension's number has a direction.
    @Test func answersFirefox() throws {
        let (answer, description) = try answer(BrowserOffers.firefox.text, [Self.opus])
        #expect(answer.tracks.map(\.mid) == ["1"])
        #expect(answer.tracks.map(\.midExtensionID) == [BrowserOffers.firefox.midExtensionID])
        #expect(description.attribute("group") == "BUNDLE 1")
        #expect(description.media.map(\.port) == [0, 9])
        // The first section that is not refused has the candidates.
        #expect(description.media.map { $0.attribute("candidate") != nil } == [false, true])
        let error = try #require(throws: WebRTCOfferError.self) {
            try self.answer(BrowserOffers.firefox.text, [Self.h264("42E01F"), Self.opus])
        }
        #expect(
            error.description == "The viewer can't play this path's video (H264); it takes AV1, VP8, VP9.")
    }

    /// A browser offers a few profiles; the one that fits the pictures is answered, as it was offered.
    @Test(arguments: [
        ("64002A", "64001f"), ("640C1F", "640c1f"), ("4D4028", "4d001f"), ("42C01E", "42e01f"), ("420029", "42001f"),
        // As written by a larger profile that keeps to the smaller one's constraints.
        ("4D801F", "42e01f"), ("58C01E", "42e01f"),
    ])
    func answersTheProfileOfThePictures(own: String, answered: String) throws {
        let offer = Self.offer(profiles: ["42001f", "42e01f", "4d001f", "640c1f", "64001f"])
        let (_, description) = try answer(offer, [Self.h264(own)])
        let section = try #require(description.media.first)
        #expect(section.formatParameters(for: section.payloadTypes[0])["profile-level-id"] == answered)
    }

    /// Where it is not offered: what includes it, else the best decoder there is; nothing for ten bits or 4:4:4.
    @Test(arguments: [
        ("42C01E", ["64001f", "42001f"], "64001f"), ("64002A", ["42e01f", "4d001f"], "42e01f"),
        ("4D4028", ["42e01f", "64001f"], "64001f"), ("640028", ["42e01f"], "42e01f"), ("6E0028", ["64001f"], nil),
        ("F40028", ["64001f", "42e01f"], nil), ("F40028", ["f4001f"], "f4001f"),
    ])
    func choosesTheNearestProfile(own: String, profiles: [String], answered: String?) throws {
        let answer = try? answer(Self.offer(profiles: profiles), [Self.h264(own)])
        let section = answer?.1.media.first
        #expect(section.flatMap { $0.formatParameters(for: $0.payloadTypes[0])["profile-level-id"] } == answered)
    }

    @Test func answersWhoeverNamesNoProfile() throws {
        let offer = Self.offer(formats: ["96 H264/90000"], parameters: ["96 packetization-mode=1"])
        let (_, known) = try answer(offer, [Self.h264("64002A")])
        #expect(known.media[0].formatParameters(for: 96)["profile-level-id"] == "64002A")
        let (_, unknown) = try answer(offer, [.h264(nil)])
        #expect(unknown.media[0].formatParameters(for: 96)["profile-level-id"] == "42e01f")
    }

    /// RFC 6184 §6.2: fragments need packetization-mode 1.
    @Test func refusesModeZero() throws {
        let offer = Self.offer(
            formats: ["96 H264/90000", "97 VP8/90000", "98 rtx/90000"],
            parameters: ["96 profile-level-id=42e01f;packetization-mode=0"])
        let error = try #require(throws: WebRTCOfferError.self) { try answer(offer, [Self.h264("42E01F"), Self.opus]) }
        #expect(error == .noCommonFormat(kind: "video", formats: ["H264"], offered: ["H264", "VP8"]))
        #expect(error.status == 422)
        #expect(
            error.description == "The viewer can't play this path's video (H264); it takes H264, VP8.")
    }

    /// RFC 7798 §7.2.2
    @Test(arguments: [
        ("level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST", true), ("", true), ("level-id=180;profile-id=2", true),
        ("level-id=90", false), ("profile-id=4;level-id=180", false), ("tx-mode=MRST", false), ("level-id=x", false),
    ])
    func answersH265ByProfileAndLevel(parameters: String, isAnswered: Bool) throws {
        let offer = Self.offer(formats: ["100 H265/90000"], parameters: parameters.isEmpty ? [] : ["100 \(parameters)"])
        let answer = try? answer(offer, [.h265(H265Samples.plain)])
        #expect((answer != nil) == isAnswered)
        if let answer { #expect(answer.1.media[0].formatParameters(for: 100)["tx-mode"] == "SRST") }
    }

    /// The pictures of a camera of 4K: level 5.1.
    private static let large = H265ParameterSets(
        vps: H265Samples.plain.vps,
        sps: hexBytes("420101016000000300900000030000030099a00280802d165ba4a4c2f0168080000003008000000c84"),
        pps: H265Samples.plain.pps)

    /// Who names a level means it; who names none decodes what there is.
    @Test(arguments: [
        ("", true), ("profile-id=1", true), ("level-id=153", true), ("level-id=150", false), ("level-id=93", false),
        ("level-id=93;max-recv-level-id=156", true), ("level-id=93;max-recv-level-id=120", false),
        ("max-recv-level-id=153", true), ("max-recv-level-id=x", false),
    ])
    func answersH265ByTheLevelThatIsNamed(parameters: String, isAnswered: Bool) throws {
        let offer = Self.offer(formats: ["100 H265/90000"], parameters: parameters.isEmpty ? [] : ["100 \(parameters)"])
        #expect(((try? answer(offer, [.h265(Self.large)])) != nil) == isAnswered)
    }

    /// As browsers offer it where the computer has a decoder, with H.264 in the same section.
    @Test(
        arguments: [
            (BrowserOffers.chromeWithH265, H265Samples.plain, 50, "180"),
            (BrowserOffers.chromeWithH265, large, 50, "180"),
            (BrowserOffers.chromeWithH265, H265Samples.tenBits, 52, "180"),
            (BrowserOffers.safariWithH265, H265Samples.plain, 50, "93"),
            (BrowserOffers.safariWithH265, large, 50, "93"),
        ] as [(String, H265ParameterSets, UInt8, String)])
    func answersBrowsersWithH265(offer: String, sets: H265ParameterSets, payloadType: UInt8, level: String) throws {
        let (answer, description) = try answer(offer, [.h265(sets), Self.opus])
        let track = try #require(answer.tracks.first)
        #expect(track.payloadType == payloadType && track.retransmission?.payloadType == payloadType + 1)
        let section = try #require(description.media.first)
        #expect(section.rtpMap(for: payloadType)?.encodingName == "H265")
        let parameters = section.formatParameters(for: payloadType)
        #expect(parameters["level-id"] == level && parameters["tx-mode"] == "SRST" && parameters["tier-flag"] == "0")
        #expect(parameters["profile-id"] == (payloadType == 52 ? "2" : "1"))
        let feedback = section.attributes.filter { $0.name == "rtcp-fb" }.compactMap(\.value)
        #expect(feedback.contains("\(payloadType) nack pli"))
        // The same browser where the camera sends H.264.
        #expect(try self.answer(offer, [Self.h264("42E01F")]).1.media.first?.rtpMap(for: 108)?.encodingName == "H264")
    }

    @Test func whatAViewerPlaysIsKnownBeforeItIsAnswered() throws {
        func offer(_ text: String) throws -> WebRTCOffer { try WebRTCOffer(parsing: [UInt8](text.utf8)[...]) }
        let without = try offer(BrowserOffers.chromium.text)
        #expect(!without.takes(.h265(H265Samples.plain)) && without.takes(.h264(nil)) && without.takes(Self.opus))
        let safari = try offer(BrowserOffers.safariWithH265)
        #expect(safari.takes(.h265(H265Samples.plain)) && safari.takes(.h265(nil)))
        #expect(!safari.takes(.h265(H265Samples.tenBits)) && !safari.takes(.mp3(nil)))
        // Nobody asked for pictures here.
        let sound = try offer(Self.offer(formats: ["111 opus/48000/2"], parameters: [], kind: "audio"))
        #expect(sound.takes(Self.opus) && !sound.takes(.h264(nil)))
    }

    /// Sound as a browser knows it, by numbers that mean it without a word (RFC 3551) and in the rates that it takes.
    @Test func answersSound() throws {
        let offer =
            Self.offer(formats: [], parameters: [], kind: "audio", types: "0 8 111")
            + "a=rtpmap:111 opus/48000/2\r\n"
        #expect(try answer(offer, [Self.mu]).0.tracks.map(\.payloadType) == [0])
        let (answer, description) = try answer(offer, [.g711(.a, sampleRate: 8000, channelCount: 1), Self.opus])
        // One section takes one track.
        #expect(answer.tracks.map(\.payloadType) == [8])
        #expect(answer.tracks.map(\.clockRate) == [8000])
        #expect(description.media[0].rtpMap(for: 8)?.encodingName == "PCMA")
        let (_, stereo) = try self.answer(offer, [Self.opus])
        #expect(stereo.media[0].formatParameters(for: 111)["stereo"] == "1")
        let (_, mono) = try self.answer(offer, [.opus(channelCount: 1)])
        #expect(mono.media[0].formatParameters(for: 111)["stereo"] == nil)
        for other in [MediaFormat.g711(.mu, sampleRate: 16_000, channelCount: 1), .mp3(nil), .opus(channelCount: 6)] {
            #expect(throws: WebRTCOfferError.self) { try self.answer(offer, [other]) }
        }
    }

    /// Sound that a viewer can't have is left out beside pictures; pictures are not left out beside sound.
    @Test func leavesOutSoundButNotPictures() throws {
        let chromium = BrowserOffers.chromium.text
        let (answer, description) = try answer(chromium, [.mp3(nil), Self.h264("42E01F")])
        #expect(answer.tracks.map(\.trackIndex) == [1])
        let refused = try #require(description.media.first { $0.kind == .audio })
        #expect(refused.port == 0 && refused.direction == .inactive)
        #expect(refused.attribute("mid") != nil && refused.attribute("ice-ufrag") == nil)
        #expect(description.attribute("group") == "BUNDLE \(answer.tracks[0].mid)")

        let error = try #require(throws: WebRTCOfferError.self) {
            try self.answer(chromium, [.h265(H265Samples.plain), Self.opus])
        }
        #expect(error.description.hasPrefix("The viewer can't play this path's video (H265); it takes "))
        // Nobody asked for pictures here.
        let sound = Self.offer(formats: ["111 opus/48000/2"], parameters: [], kind: "audio")
        #expect(try self.answer(sound, [.h265(H265Samples.plain), Self.opus]).0.tracks.map(\.trackIndex) == [1])
    }

    /// Sections that refuse, do not receive, or have a transport of their own.
    @Test(arguments: [
        ("m=video 9", "m=video 0"), ("a=recvonly", "a=sendonly"), ("a=recvonly", "a=inactive"), ("a=rtcp-mux\r\n", ""),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"), ("m=video", "m=application"),
    ])
    func answersNothingToWhoReceivesNothing(text: String, replacement: String) throws {
        let offer = Self.offer(profiles: ["42e01f"]).replacing(text, with: replacement)
        let error = try #require(throws: WebRTCOfferError.self) { try answer(offer, [Self.h264("42E01F")]) }
        #expect(error == .nothingToReceive)
        #expect(error.status == 422)
    }

    /// Each section that receives is given a track of its own, up to as many as a viewer may have.
    @Test func answersSeveralTracksOfAKind() throws {
        let (first, rest) = (Self.offer(profiles: ["42e01f"]), "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n")
        let section = first.replacing(/[\s\S]*?m=video/, with: "m=video", maxReplacements: 1)
        #expect(section.hasPrefix(rest))
        let group = (0..<20).map(String.init).joined(separator: " ")
        let offer =
            first.replacing("BUNDLE 0", with: "BUNDLE \(group)")
            + (1..<20).map { section.replacing("a=mid:0", with: "a=mid:\($0)") }.joined()
        let track = Self.h264("42E01F")
        #expect(try answer(offer, [track, track, Self.opus]).0.tracks.map(\.trackIndex) == [0, 1])
        let (many, description) = try answer(offer, [MediaFormat](repeating: track, count: 20))
        #expect(many.tracks.count == WHEPAnswer.trackLimit)
        #expect(Set(many.tracks.map(\.ssrc)).count == WHEPAnswer.trackLimit)
        #expect(description.media.map { $0.port == 0 } == (0..<20).map { $0 >= WHEPAnswer.trackLimit })
    }

    @Test func bundleOnlyHasNoPortOfItsOwn() throws {
        let offer = Self.offer(profiles: ["42e01f"]).replacing("m=video 9", with: "m=video 0") + "a=bundle-only\r\n"
        #expect(try answer(offer, [Self.h264("42E01F")]).0.tracks.count == 1)
    }

    /// An offer of one section that receives.
    private static func offer(profiles: [String]) -> String {
        offer(
            formats: profiles.indices.map { "\(96 + $0) H264/90000" },
            parameters: profiles.enumerated().map { "\(96 + $0) packetization-mode=1;profile-level-id=\($1)" })
    }

    private static func offer(
        formats: [String], parameters: [String], kind: String = "video", types: String? = nil
    ) -> String {
        let types =
            types ?? formats.compactMap { $0.split(separator: " ").first.map(String.init) }.joined(separator: " ")
        let lines =
            [
                "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
                "m=\(kind) 9 UDP/TLS/RTP/SAVPF \(types)",
                "a=mid:0", "a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901", "a=setup:actpass",
                "a=fingerprint:\(fingerprint)", "a=recvonly", "a=rtcp-mux",
            ] + formats.map { "a=rtpmap:\($0)" } + parameters.map { "a=fmtp:\($0)" }
        return lines.map { "\($0)\r\n" }.joined()
    }
}

import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct PlaySessionTests {
    private static let url = "rtsp://192.0.2.7/stream?channel=1&subtype=0"
    private static let camera = """
        v=0\r
        o=- 1 1 IN IP4 192.0.2.7\r
        s=Session\r
        a=control:*\r
        t=0 0\r
        m=audio 0 RTP/AVP 98\r
        a=rtpmap:98 SPEEX/8000\r
        a=control:trackID=0\r
        m=video 0 RTP/AVP 96\r
        a=rtpmap:96 H264/90000\r
        a=fmtp:96 packetization-mode=1\r
        a=control:trackID=1\r\n
        """

    private var session = PlaySession(
        url: url, credentials: BasicCredentials(user: "Mufasa", password: "Circle Of Life"))

    private mutating func describe(_ body: String, _ headers: RTSPHeaders = [:]) throws -> PlaySession.Action {
        try session.answer(session.answer(session.start()), .ok, headers, body: body)
    }

    /// RFC 2326 §14.1, over TCP (§10.12).
    @Test mutating func watchesInTheOrderOfTheStandard() throws {
        let options = session.start()
        #expect(try request(options).method == .options)
        let describe = try session.answer(options, .ok, ["Public": "OPTIONS, DESCRIBE, GET_PARAMETER"])
        #expect(try request(describe).method == .describe)
        #expect(try request(describe).uri == Self.url)
        #expect(try request(describe).headers["Accept"] == "application/sdp")

        let setup = try session.answer(describe, .ok, ["Content-Base": Self.url + "/"], body: Self.camera)
        #expect(try request(setup).method == .setup)
        #expect(try request(setup).uri == Self.url + "/trackID=1", "the picture, not a sound that is not understood")
        #expect(try request(setup).headers["Transport"] == "RTP/AVP/TCP;unicast;interleaved=0-1")

        let play = try session.answer(
            setup, .ok, ["Session": "abc;timeout=30", "Transport": "RTP/AVP/TCP;unicast;interleaved=4-5"])
        #expect(try request(play).method == .play)
        #expect(try request(play).uri == Self.url + "/")
        #expect(try request(play).headers["Session"] == "abc")
        #expect(try session.answer(play) == .play)
        #expect(
            session.tracks == [.init(format: RTPFormat(.h264(nil)), channels: .init(rtp: 4, rtcp: 5))],
            "the camera's choice")
        #expect(session.timeoutSeconds == 30)

        let keepAlive = session.keepAlive()
        #expect(try request(keepAlive).method == .getParameter)
        #expect(session.keepAlive() == .nothing, "an unanswered one is enough")
        #expect(
            try session.answer(keepAlive, .sessionNotFound)
                == .fail(.refused(method: .getParameter, status: .sessionNotFound)))
    }

    /// A loudspeaker, what is switched off, and what is not understood stand before the sound that is taken.
    private static let withSound = camera.replacing(
        "m=video",
        with: """
            m=audio 0 RTP/AVP 0\r
            a=sendonly\r
            a=control:trackID=2\r
            m=audio 0 RTP/AVP 0\r
            a=inactive\r
            a=control:trackID=3\r
            m=audio 0 RTP/AVP 97 8\r
            a=rtpmap:97 SPEEX/8000\r
            a=control:trackID=4\r
            m=audio 0 RTP/AVP 0\r
            a=control:trackID=5\r
            m=video
            """)
    private static let sound = RTPFormat(.g711(.a, sampleRate: 8000, channelCount: 1), payloadType: 8)

    @Test mutating func theFirstSoundThatIsUnderstoodIsSetUpBehindThePicture() throws {
        let picture = try describe(Self.withSound)
        #expect(try request(picture).uri.hasSuffix("/trackID=1"))
        let setup = try session.answer(
            picture, .ok, ["Session": "abc", "Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"])
        #expect(try request(setup).method == .setup)
        #expect(try request(setup).uri.hasSuffix("/trackID=4"))
        #expect(try request(setup).headers["Transport"] == "RTP/AVP/TCP;unicast;interleaved=2-3")
        #expect(try request(setup).headers["Session"] == "abc")
        let play = try session.answer(setup, .ok, ["Transport": "RTP/AVP/TCP;unicast;interleaved=6-7"])
        #expect(try request(play).method == .play)
        #expect(try session.answer(play) == .play)
        #expect(session.tracks.map(\.format) == [RTPFormat(.h264(nil)), Self.sound])
        #expect(session.tracks.map(\.channels) == [.init(rtp: 0, rtcp: 1), .init(rtp: 6, rtcp: 7)])
    }

    /// Counted without what can't be heard; the first is not understood, and there is no fourth.
    @Test(
        arguments: [(nil, "/trackID=4"), (1, nil), (2, "/trackID=4"), (3, "/trackID=5"), (4, nil)] as [(Int?, String?)])
    mutating func theSoundThatIsAskedForIsSetUp(track: Int?, expected: String?) throws {
        session = PlaySession(url: Self.url, credentials: nil, soundTrack: track)
        let setup = try session.answer(describe(Self.withSound), .ok, ["Session": "abc"])
        let next = try request(setup)
        #expect(next.method == (expected == nil ? .play : .setup))
        #expect(expected == nil || next.uri.hasSuffix(expected ?? ""))
        #expect(session.audioTracks.map(\.codec) == ["SPEEX", "pcm_alaw", "pcm_mulaw"].map { $0.lowercased() })
        #expect(session.audio == (track == 4 ? nil : session.audioTracks[(track ?? 2) - 1]))
    }

    /// RFC 2326 §12.33. `trackID=5` was not set up.
    @Test(
        arguments: [
            ("url=\(url)/trackID=4;seq=9;rtptime=80,url=\(url)/trackID=1;rtptime=90000", [90_000, 80]),
            (
                "url=rtsp://10.0.0.9:8554/stream?channel=1&subtype=0/trackID=1;rtptime=1, url=trackID=4;rtptime=0",
                [1, 0]
            ),
            ("url=\(url)/trackID=1;rtptime=1,url=\(url)/trackID=5;rtptime=2", []),
            ("url=\(url)/trackID=1;rtptime=1,url=\(url)/trackID=4;seq=2", []),
            ("url=;rtptime=1,url=rtsp://192.0.2.7;rtptime=2", []), ("rtptime=1", []),
        ] as [(String, [UInt32])])
    mutating func theBeginningIsWhatIsSaidOfBothTracks(header: String, expected: [UInt32]) throws {
        let setup = try session.answer(describe(Self.withSound), .ok, ["Session": "abc"])
        let play = try session.answer(setup)
        _ = try session.answer(play, .ok, ["RTP-Info": header])
        #expect(session.beginning == expected)
    }

    /// It refuses, insists on UDP, or would send both over the same channels.
    @Test(arguments: [
        (RTSPStatus.notFound, ""), (.unauthorized, ""), (.ok, "RTP/AVP;unicast;client_port=5000-5001"),
        (.ok, "RTP/AVP/TCP;unicast;interleaved=0-1"), (.ok, "RTP/AVP/TCP;unicast;interleaved=1-2"),
    ])
    mutating func whoRefusesItsSoundPlaysItsPicture(status: RTSPStatus, transport: String) throws {
        let setup = try session.answer(describe(Self.withSound), .ok, ["Session": "abc"])
        let play = try session.answer(setup, status, transport.isEmpty ? [:] : ["Transport": transport])
        #expect(try request(play).method == .play)
        #expect(try session.answer(play) == .play)
        #expect(session.tracks.map(\.format) == [RTPFormat(.h264(nil))])
    }

    @Test mutating func saysGoodbyeToASession() throws {
        let setup = try describe(Self.camera)
        _ = try session.answer(setup, .ok, ["Session": "abc"])
        let goodbye = try request(session.end())
        #expect(goodbye.method == .teardown)
        #expect(goodbye.headers["Session"] == "abc")
        #expect(session.end() == .nothing)
    }

    @Test mutating func aCameraWithoutOptionsIsAskedAllTheSame() throws {
        #expect(try request(session.answer(session.start(), .notImplemented)).method == .describe)
    }

    /// RFC 2617 §3.5: `Mufasa` and this password are its example.
    @Test mutating func answersAChallengeOnce() throws {
        let describe = try session.answer(session.start())
        let challenge: RTSPHeaders = ["WWW-Authenticate": #"Digest realm="camera", nonce="n""#]
        let again = try session.answer(describe, .unauthorized, challenge)
        #expect(try request(again).headers["Authorization"]?.hasPrefix("Digest username=\"Mufasa\"") == true)
        #expect(try request(again).headers["Accept"] == "application/sdp")
        #expect(
            try session.answer(again, .unauthorized, challenge) == .fail(.unauthorized), "accounts are locked by more")
    }

    @Test mutating func withoutAnAccountNobodyIsAskedTwice() throws {
        session = PlaySession(url: Self.url, credentials: nil)
        let describe = try session.answer(session.start())
        #expect(
            try session.answer(describe, .unauthorized, ["WWW-Authenticate": "Basic realm=\"x\""])
                == .fail(.unauthorized))
    }

    @Test(arguments: [
        ("m=video 0 RTP/AVP 26\r\na=control:trackID=0\r\n", "The codec JPEG"),
        ("m=audio 0 RTP/AVP 8\r\na=control:trackID=0\r\n", "no video stream"),
        ("nonsense", ""),
    ])
    mutating func leavesWhatItCanNotReadToOthers(media: String, reason: String) throws {
        let action = try describe("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\n" + media)
        guard case .fail(.unsupported(let text)) = action else { throw UnexpectedAction(action: action) }
        #expect(text.contains(reason))
    }

    @Test mutating func aCameraThatInsistsOnUDPIsLeftToOthers() throws {
        let setup = try describe(Self.camera)
        #expect(
            try session.answer(setup, .ok, ["Transport": "RTP/AVP;unicast;client_port=5000-5001"])
                == .fail(.unsupported("it does not send over TCP")))
    }

    /// Some ask for a sign of life themselves, and end a session that does not answer.
    @Test(arguments: [
        (RTSPMethod.options, RTSPStatus.ok), (.getParameter, .ok), (.setParameter, .ok), (.announce, .ok),
        (.describe, .notImplemented), (.other("X-TELL"), .notImplemented),
    ])
    mutating func answersWhatTheCameraAsks(method: RTSPMethod, status: RTSPStatus) throws {
        _ = try session.answer(describe(Self.camera), .ok, ["Session": "abc"])
        let asked = RTSPRequest(method: method, uri: Self.url, headers: ["CSeq": "7"])
        guard case .send(let bytes) = session.answer(asked) else {
            throw UnexpectedAction(action: session.answer(asked))
        }
        var decoder = RTSPDecoder()
        decoder.append(bytes)
        guard case .response(let response) = try decoder.next() else { throw UnexpectedAction(action: bytes) }
        #expect(response.status.code == status.code && response.headers["CSeq"] == "7")
        #expect(response.headers["Session"] == "abc")
    }
}

import StreamProtocols
import TestSupport
import Testing

@testable import MediaServer

/// The requests are what ffmpeg 5, VLC 3 (live555) and GStreamer 1.22 send; the answers what RFC 2326 asks for.
@Suite struct RTSPServerStateTests {
    let base = "rtsp://127.0.0.1:8554/front/door"

    func makeState(
        udp: Bool = true, tcp: Bool = true, multicastRefusal: MulticastError? = .notOffered
    ) -> RTSPServerState {
        RTSPServerState(
            settings: .init(
                allowsInterleaved: tcp, datagramPorts: udp ? .init(rtp: 8000, rtcp: 8001) : nil,
                multicastRefusal: multicastRefusal, makeSessionID: { "0123456789abcdef" }))
    }

    func request(
        _ method: RTSPMethod, _ uri: String? = nil, cSeq: Int? = 1, _ headers: [String: String] = [:], body: String = ""
    ) -> RTSPRequest {
        var fields = RTSPHeaders()
        if let cSeq { fields["CSeq"] = String(cSeq) }
        for (name, value) in headers { fields[name] = value }
        return RTSPRequest(method: method, uri: uri ?? base, headers: fields, body: Array(body.utf8))
    }

    func request(_ method: RTSPMethod, _ headers: [String: String], body: String = "") -> RTSPRequest {
        request(method, nil, cSeq: 1, headers, body: body)
    }

    func complete(_ state: inout RTSPServerState, _ outcome: RTSPOutcome) throws -> RTSPResponse {
        let response = state.complete(outcome)
        return try #require(response)
    }

    func transport(_ response: RTSPResponse) throws -> RTSPTransport {
        let header = try #require(response.headers["Transport"])
        return try #require(RTSPTransport.parse(header).first)
    }

    private static let description = """
        v=0\r
        o=- 0 0 IN IP4 127.0.0.1\r
        s=No Name\r
        c=IN IP4 127.0.0.1\r
        t=0 0\r
        a=tool:libavformat 59.27.100\r
        m=video 0 RTP/AVP 96\r
        a=rtpmap:96 H264/90000\r
        a=fmtp:96 packetization-mode=1\r
        a=control:streamid=0\r
        m=audio 0 RTP/AVP 97\r
        a=rtpmap:97 MPEG4-GENERIC/48000/2\r
        a=control:streamid=1\r

        """

    func answer(_ action: RTSPServerState.Action) -> RTSPResponse? {
        if case .respond(let response) = action { response } else { nil }
    }

    func status(_ action: RTSPServerState.Action) -> Int? { answer(action)?.status.code }

    /// Brings a state to `ready` with one TCP track.
    private func ready() -> RTSPServerState {
        var state = makeState()
        _ = state.receive(request(.setup, base + "/trackID=0", ["Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"]))
        _ = state.complete(.setUp(ssrc: 0xABCD))
        return state
    }

    @Test func describe() throws {
        var state = makeState()
        let action = state.receive(request(.describe, base + "?token=1", cSeq: 7, ["Accept": "application/sdp"]))
        guard case .perform(.describe(let target)) = action else {
            Issue.record("no description is asked for")
            return
        }
        #expect(target.path == "front/door")
        #expect(target.query == "token=1")
        #expect(state.isBusy)
        let description = SessionDescription(media: [MediaDescription(kind: .video, formats: ["96"])])
        let response = try complete(&state, .described(description))
        #expect(response.status == .ok)
        #expect(response.cSeq == 7)
        #expect(response.headers["Content-Base"] == base + "?token=1/")
        #expect(response.headers["Content-Type"] == "application/sdp")
        #expect(!state.isBusy)
    }

    @Test func playByTCP() throws {
        var state = makeState()
        let setUp = state.receive(
            request(.setup, base + "/trackID=0", ["Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"]))
        let target = try #require(RTSPTarget(uri: base + "/trackID=0"))
        #expect(setUp == .perform(.setUpPlay(target, track: 0, .interleaved(.init(rtp: 0, rtcp: 1)), isFirst: true)))
        let answer = try complete(&state, .setUp(ssrc: 0xABCD))
        #expect(answer.headers["Session"] == "0123456789abcdef;timeout=60")
        let transport = try self.transport(answer)
        #expect(transport.interleaved == .init(rtp: 0, rtcp: 1))
        #expect(transport.ssrc == 0xABCD)

        #expect(state.receive(request(.play, base + "/", ["Session": "0123456789abcdef"])) == .perform(.play))
        let started = try complete(&state, .playing([0: .init(sequenceNumber: 65535, rtpTimestamp: 9)]))
        #expect(started.headers["RTP-Info"]?.contains("seq=65535;rtptime=9") == true)
        #expect(started.headers["RTP-Info"]?.contains(base + "/trackID=0") == true)
        #expect(started.headers["Range"] == "npt=now-")

        #expect(state.receive(request(.pause, ["Session": "0123456789abcdef"])) == .perform(.pause))
        #expect(state.complete(.done)?.status == .ok)
        #expect(state.receive(request(.play)) == .perform(.play))
        _ = state.complete(.playing([:]))
        #expect(state.receive(request(.teardown)) == .perform(.teardown))
        #expect(state.complete(.done)?.headers["Session"] == "0123456789abcdef;timeout=60")
        #expect(state.phase == .idle)
    }

    /// Offers of several transports: the first acceptable one is taken.
    @Test(arguments: [
        // VLC: UDP first.
        (
            "RTP/AVP;unicast;client_port=5000-5001", true, true,
            "RTP/AVP/UDP;unicast;client_port=5000-5001;server_port=8000-8001"
        ),
        // GStreamer: all in one header.
        (
            "RTP/AVP/UDP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast;interleaved=2-3", false, true,
            "RTP/AVP/TCP;unicast;interleaved=2-3"
        ),
        ("RTP/AVP/UDP;multicast,RTP/AVP/TCP;unicast", true, true, "RTP/AVP/TCP;unicast;interleaved=0-1"),
        ("RTP/SAVP/TCP;unicast;interleaved=0-1", true, true, nil),
        ("RTP/AVP/UDP;multicast;port=5000-5001", true, true, nil),
        ("RTP/AVP/TCP;unicast;interleaved=0-1", true, false, nil),
        ("RTP/AVP;unicast;client_port=5000-5001", false, true, nil),
        ("RTP/AVP;unicast", true, false, nil),
        ("RTP/AVP/TCP;unicast;interleaved=4-4", true, true, nil),
        ("nonsense", true, true, nil),
    ])
    func negotiates(offer: String, udp: Bool, tcp: Bool, expected: String?) throws {
        var state = makeState(udp: udp, tcp: tcp)
        let action = state.receive(request(.setup, base + "/trackID=0", ["Transport": offer]))
        guard let expected else {
            #expect(status(action) == 461)
            return
        }
        let answer = try complete(&state, .setUp(ssrc: 1))
        var transport = try self.transport(answer)
        #expect(transport.ssrc == 1)
        transport.ssrc = nil
        let wanted = try RTSPTransport.parse(expected)
        #expect(transport == wanted.first)
    }

    @Test func secondTrackTravelsLikeTheFirst() {
        var state = ready()
        let udp = state.receive(
            request(.setup, base + "/trackID=1", ["Transport": "RTP/AVP;unicast;client_port=5000-5001"]))
        #expect(status(udp) == 461)
        let taken = state.receive(
            request(.setup, base + "/trackID=1", ["Transport": "RTP/AVP/TCP;unicast;interleaved=1-2"]))
        #expect(status(taken) == 461)
        let again = state.receive(
            request(.setup, base + "/trackID=0", ["Transport": "RTP/AVP/TCP;unicast;interleaved=2-3"]))
        #expect(status(again) == 455)
        let other = state.receive(
            request(
                .setup, "rtsp://127.0.0.1:8554/else/trackID=1", ["Transport": "RTP/AVP/TCP;unicast;interleaved=2-3"]))
        #expect(status(other) == 459)
        let good = state.receive(
            request(.setup, base + "/trackID=1", ["Transport": "RTP/AVP/TCP;unicast;interleaved=2-3"]))
        #expect(status(good) == nil)
    }

    @Test func publish() throws {
        var state = makeState()
        let announce = state.receive(
            request(.announce, ["Content-Type": "application/sdp"], body: Self.description))
        guard case .perform(.announce(let target)) = announce else {
            Issue.record("nothing is announced")
            return
        }
        #expect(target.path == "front/door")
        _ = state.complete(.announced(try SessionDescription(parsing: Array(Self.description.utf8))))
        #expect(status(state.receive(request(.record))) == 455)

        for track in [1, 0] {
            let channels = RTSPTransport.ChannelPair(rtp: UInt8(2 * track), rtcp: UInt8(2 * track + 1))
            let action = state.receive(
                request(
                    .setup, base + "/streamid=\(track)",
                    ["Transport": "RTP/AVP/TCP;unicast;interleaved=\(2 * track)-\(2 * track + 1);mode=record"]))
            #expect(action == .perform(.setUpRecord(track: track, .interleaved(channels))))
            #expect(state.complete(.done)?.headers["Transport"]?.contains("mode=record") == true)
        }
        #expect(state.receive(request(.record)) == .perform(.record))
        #expect(state.complete(.done)?.status == .ok)
        #expect(status(state.receive(request(.describe))) == 455)
        #expect(status(state.receive(request(.play))) == 455)
        #expect(state.receive(request(.teardown)) == .perform(.teardown))
    }

    /// As ffmpeg 5.1 and GStreamer 1.22 offer it.
    @Test func publishByUDP() throws {
        let description = try SessionDescription(parsing: Array(Self.description.utf8))
        for (offer, isTaken) in [
            ("RTP/AVP/UDP;unicast;client_port=5000-5001;mode=record", true),
            ("RTP/AVP;unicast;client_port=5000-5001;mode=record", true),
            ("RTP/AVP;multicast;client_port=5000-5001;mode=record", false),
            ("RTP/AVP/UDP;multicast;mode=record", false),
            ("RTP/AVP/UDP;unicast;mode=record", false), ("RTP/AVP/UDP;unicast;client_port=0-1;mode=record", false),
        ] {
            var state = makeState(multicastRefusal: nil)
            _ = state.receive(request(.announce, ["Content-Type": "application/sdp"], body: Self.description))
            _ = state.complete(.announced(description))
            let first = state.receive(request(.setup, base + "/streamid=0", ["Transport": offer]))
            guard isTaken else {
                #expect(status(first) == 461, "\(offer)")
                continue
            }
            #expect(
                first == .perform(.setUpRecord(track: 0, .datagrams(clientPort: .init(rtp: 5000, rtcp: 5001)))))
            let answer = try transport(complete(&state, .done))
            #expect(answer.serverPort == .init(rtp: 8000, rtcp: 8001) && answer.mode == .record)
            #expect(answer.clientPort == .init(rtp: 5000, rtcp: 5001))
            // All tracks of a session travel alike.
            let second = state.receive(
                request(
                    .setup, base + "/streamid=1", ["Transport": "RTP/AVP/TCP;unicast;interleaved=2-3;mode=record"]))
            #expect(status(second) == 461)
        }
        var state = makeState(udp: false)
        _ = state.receive(request(.announce, ["Content-Type": "application/sdp"], body: Self.description))
        _ = state.complete(.announced(description))
        let refused = state.receive(
            request(.setup, base + "/streamid=0", ["Transport": "RTP/AVP;unicast;client_port=5000-5001;mode=record"]))
        #expect(status(refused) == 461)
    }

    /// What is announced is read once the publisher is let in: before that, it costs nothing whatever it is.
    @Test func announcedNonsenseIsNotLookedAt() throws {
        for body in ["hello", ""] {
            var state = makeState()
            let action = state.receive(request(.announce, ["Content-Type": "application/sdp"], body: body))
            #expect(action == .perform(.announce(try #require(RTSPTarget(uri: base)))))
            let refusal = try complete(&state, .failed(.badRequest, explanation: "No description."))
            #expect(refusal.status == .badRequest && refusal.body == Array("No description.\n".utf8))
            #expect(refusal.headers["Content-Type"] == "text/plain; charset=utf-8")
        }
        var state = makeState()
        #expect(
            status(state.receive(request(.announce, ["Content-Type": "text/plain"], body: Self.description))) == 415)
    }

    @Test func sessionsOfOthersAreNotFound() {
        var state = ready()
        for session in ["other", "", "0123456789abcdefg", ";"] {
            #expect(status(state.receive(request(.play, ["Session": session]))) == 454)
        }
        #expect(status(state.receive(request(.getParameter, ["Session": "0123456789abcdef"]))) == 200)
        var fresh = makeState()
        #expect(status(fresh.receive(request(.play, ["Session": "0123456789abcdef"]))) == 454)
        #expect(status(fresh.receive(request(.teardown))) == 454)
    }

    /// RFC 2326 §A.2: what is not allowed in a state.
    @Test func wrongStates() {
        for method in [RTSPMethod.play, .pause, .record] {
            var state = makeState()
            #expect(status(state.receive(request(method))) == 455)
        }
        var state = ready()
        #expect(status(state.receive(request(.announce, body: Self.description))) == 455)
        #expect(status(state.receive(request(.record))) == 455)
        #expect(status(state.receive(request(.pause))) == 200)
    }

    @Test func whatIsNotUnderstood() {
        var state = makeState()
        #expect(status(state.receive(request(.options, cSeq: nil))) == 400)
        #expect(status(state.receive(request(.other("DANCE")))) == 501)
        #expect(status(state.receive(request(.redirect))) == 501)
        #expect(status(state.receive(request(.options, ["Require": "onvif-replay"]))) == 551)
        #expect(status(state.receive(request(.setParameter, body: "volume: 11"))) == 451)
        #expect(status(state.receive(request(.describe, "http://127.0.0.1/x"))) == 400)
        #expect(status(state.receive(request(.setup, base + "/trackID=0"))) == 400)
        #expect(status(state.receive(request(.options, "*"))) == 200)
    }

    @Test func refusedLoginLeavesNoTrace() throws {
        var state = makeState()
        _ = state.receive(request(.setup, base + "/trackID=0", ["Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"]))
        let answer = try complete(
            &state, .failed(.unauthorized, challenges: ["Digest realm=\"x\", nonce=\"y\"", "Basic realm=\"x\""]))
        #expect(answer.status == .unauthorized)
        #expect(answer.headers.all("WWW-Authenticate").count == 2)
        #expect(answer.headers["Session"] == nil)
        #expect(state.phase == .idle)
    }

    @Test func outcomeAfterTheSessionEnded() {
        var state = ready()
        _ = state.receive(request(.play))
        state.sessionEnded()
        #expect(state.complete(.playing([:]))?.status == .sessionNotFound)
        #expect(state.complete(.done) == nil)
    }

    /// No order of requests and outcomes leads to a state with a session that was not set up.
    @Test func anyOrderOfRequests() throws {
        var generator = SeededGenerator(seed: 3)
        let uris = [
            base, base + "/", base + "/trackID=0", base + "/trackID=1", base + "/streamid=0", "*", "rtsp://x", "🙂",
        ]
        let transports = [
            "RTP/AVP/TCP;unicast;interleaved=0-1", "RTP/AVP;unicast;client_port=1-2", "RTP/AVP/TCP;mode=record", "",
            "RTP/AVP;multicast",
        ]
        let place = try MulticastPlaceTests.place()
        for _ in 0..<300 {
            var state = makeState(multicastRefusal: nil)
            for _ in 0..<60 {
                let method = RTSPMethod.standard.randomElement(using: &generator) ?? .options
                let request = request(
                    method, uris.randomElement(using: &generator),
                    ["Transport": transports.randomElement(using: &generator) ?? ""],
                    body: Bool.random(using: &generator) ? Self.description : "")
                let action = state.receive(request)
                if case .perform(let operation) = action {
                    let fails = Int.random(in: 0..<4, using: &generator) == 0
                    let outcome: RTSPOutcome =
                        switch operation {
                        case _ where fails: .failed(.internalServerError)
                        case .describe: .described(SessionDescription())
                        case .setUpPlay(_, _, .multicast, _, _): .setUpMulticast(place)
                        case .setUpPlay: .setUp(ssrc: 1)
                        case .play: .playing([:])
                        case .announce: .announced((try? SessionDescription(parsing: request.body)) ?? .init())
                        case .setUpRecord, .pause, .record, .teardown: .done
                        }
                    #expect(state.complete(outcome) != nil)
                }
                #expect(!state.isBusy)
                switch state.phase {
                case .ready(let session), .playing(let session): #expect(!session.bindings.isEmpty)
                case .recording(let session): #expect(session.bindings.count == session.description.media.count)
                case .idle, .announced: break
                }
            }
        }
    }
}

import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct PublishSessionTests {
    private static let target = PublishTarget(
        path: "front-door", host: "127.0.0.1", port: 8554, username: "Mufasa", password: "Circle Of Life")
    private static let track = RTPFormat(
        .h264(H264ParameterSets(sps: [0x67, 0x64, 0x00, 0x1F], pps: [0x68, 0xEE])))

    private var session = PublishSession(target: target)

    private func response(
        to request: RTSPRequest, _ status: RTSPStatus = .ok, _ headers: RTSPHeaders = [:]
    ) -> RTSPResponse {
        var response = RTSPResponse(status: status, headers: headers)
        response.headers["CSeq"] = request.headers["CSeq"]
        return response
    }

    /// RFC 2326 §10.3, §10.4, §10.11, and the order that ffmpeg's and GStreamer's publishers keep.
    @Test mutating func publishesInTheOrderOfTheStandard() throws {
        let options = try request(session.start())
        #expect(options.method == .options)
        #expect(options.uri == "rtsp://127.0.0.1:8554/front-door")
        #expect(session.received(response(to: options)) == .describe)

        let announce = try request(session.announce([(0, Self.track)]))
        #expect(announce.method == .announce)
        #expect(announce.headers["Content-Type"] == "application/sdp")
        let media = try #require(try SessionDescription(parsing: announce.body).media.first)
        #expect(try RTPFormat(media: media) == Self.track)

        let setup = try request(session.received(response(to: announce)))
        #expect(setup.method == .setup)
        #expect(setup.uri == "rtsp://127.0.0.1:8554/front-door/trackID=0")
        #expect(setup.headers["Transport"] == "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record")

        let record = try request(session.received(response(to: setup, .ok, ["Session": "abc;timeout=30"])))
        #expect(record.method == .record)
        #expect(record.headers["Session"] == "abc")
        #expect(session.received(response(to: record)) == .record)
        #expect(session.isRecording)
        #expect(session.timeoutSeconds == 30)

        #expect(try request(session.keepAlive()).method == .options)
        #expect(session.keepAlive() == .nothing, "an unanswered one is enough")
        #expect(try request(session.end()).method == .teardown)
        #expect(session.end() == .nothing)
    }

    @Test mutating func eachTrackIsSetUpOverChannelsOfItsOwn() throws {
        _ = session.received(response(to: try request(session.start())))
        let sound = RTPFormat(.g711(.mu, sampleRate: 8000, channelCount: 1), payloadType: 0)
        let announce = try request(session.announce([(0, Self.track), (1, sound)]))
        let media = try SessionDescription(parsing: announce.body).media
        #expect(try media.map { try RTPFormat(media: $0) } == [Self.track, sound])
        #expect(media.map(\.control) == ["trackID=0", "trackID=1"])
        var setup = try request(session.received(response(to: announce)))
        for index in 0..<2 {
            #expect(setup.uri == "rtsp://127.0.0.1:8554/front-door/trackID=\(index)")
            #expect(
                setup.headers["Transport"]
                    == "RTP/AVP/TCP;unicast;interleaved=\(2 * index)-\(2 * index + 1);mode=record")
            setup = try request(session.received(response(to: setup, .ok, ["Session": "abc"])))
        }
        #expect(setup.method == .record && setup.uri == "rtsp://127.0.0.1:8554/front-door")
    }

    @Test mutating func staysAliveByGetParameterWhereItIsKnown() throws {
        let options = try request(session.start())
        _ = session.received(response(to: options, .ok, ["Public": "OPTIONS, GET_PARAMETER"]))
        try record()
        let keepAlive = try request(session.keepAlive())
        #expect(keepAlive.method == .getParameter)
        #expect(
            session.received(response(to: keepAlive, .sessionNotFound))
                == .fail(.refused(method: .getParameter, status: .sessionNotFound)))
    }

    @Test mutating func answersABasicChallenge() throws {
        let options = try request(session.start())
        #expect(options.headers["Authorization"] == nil)
        let challenge: RTSPHeaders = ["WWW-Authenticate": "Basic realm=\"x\""]
        let again = try request(session.received(response(to: options, .unauthorized, challenge)))
        #expect(again.method == .options)
        #expect(again.headers["CSeq"] != options.headers["CSeq"])
        // printf 'Mufasa:Circle Of Life' | base64
        #expect(again.headers["Authorization"] == "Basic TXVmYXNhOkNpcmNsZSBPZiBMaWZl")
    }

    @Test mutating func prefersDigestToBasicAndAnswersForEachRequest() throws {
        let options = try request(session.start())
        var headers: RTSPHeaders = ["WWW-Authenticate": "Basic realm=\"x\""]
        headers.add("WWW-Authenticate", "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b71\"")
        let again = try request(session.received(response(to: options, .unauthorized, headers)))
        #expect(try verifies(again))
        _ = session.received(response(to: again))
        let announce = try request(session.announce([(0, Self.track)]))
        #expect(try verifies(announce))
    }

    private func verifies(_ request: RTSPRequest) throws -> Bool {
        let header = try #require(request.headers["Authorization"])
        guard case .digest(let digest) = try HTTPCredentials(parsing: header) else { return false }
        return digest.uri == request.uri
            && digest.verify(password: Self.target.password, method: request.method.rawValue)
    }

    @Test mutating func aSecondRefusalIsFinal() throws {
        let challenge: RTSPHeaders = ["WWW-Authenticate": "Basic realm=\"x\""]
        let options = try request(session.start())
        let again = try request(session.received(response(to: options, .unauthorized, challenge)))
        #expect(session.received(response(to: again, .unauthorized, challenge)) == .fail(.wrongCredentials))
    }

    @Test mutating func aStaleNonceIsNoRefusal() throws {
        let options = try request(session.start())
        let first: RTSPHeaders = ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"1\""]
        let again = try request(session.received(response(to: options, .unauthorized, first)))
        let second: RTSPHeaders = ["WWW-Authenticate": "Digest realm=\"r\", nonce=\"2\", stale=true"]
        let third = try request(session.received(response(to: again, .unauthorized, second)))
        #expect(third.headers["Authorization"]?.contains("nonce=\"2\"") == true)
    }

    @Test(arguments: [RTSPMethod.announce, .setup, .record])
    mutating func aRefusalNamesTheRequest(_ refused: RTSPMethod) throws {
        _ = session.received(response(to: try request(session.start())))
        var action = session.announce([(0, Self.track)])
        while true {
            let sent = try request(action)
            if sent.method == refused {
                action = session.received(response(to: sent, .notFound))
                break
            }
            action = session.received(response(to: sent, .ok, ["Session": "1"]))
        }
        #expect(action == .fail(.refused(method: refused, status: .notFound)))
    }

    @Test mutating func anAnswerToAnotherRequestIsIgnored() throws {
        let options = try request(session.start())
        var stray = response(to: options)
        stray.headers["CSeq"] = "77"
        #expect(session.received(stray) == .nothing)
        #expect(session.received(response(to: options)) == .describe)
        #expect(session.received(response(to: options)) == .nothing)
    }

    @Test func noErrorShowsThePassword() {
        let errors: [PublishError] = [
            .unreachable(host: "127.0.0.1", port: 8554), .wrongCredentials,
            .refused(method: .announce, status: .notFound), .notRTSP("x"), .noAnswer(seconds: 5), .closed,
        ]
        for error in errors {
            #expect(!error.description.contains(Self.target.password))
            #expect(error.description.hasSuffix(".") || error.description.hasSuffix("x"))
        }
    }

    private mutating func record() throws {
        var action = session.announce([(0, Self.track)])
        while action != .record { action = session.received(response(to: try request(action), .ok, ["Session": "1"])) }
    }
}

import StreamProtocols
import Testing

@Suite struct RTSPDecoderTests {
    /// RFC 2326 §14.2 (spacing restored) and §10.12.
    static let setup = """
        SETUP rtsp://audio.example.com/twister/audio.en RTSP/1.0\r
        CSeq: 1\r
        Transport: RTP/AVP/UDP;unicast;client_port=3056-3057\r
        \r

        """
    static let setupResponse = """
        RTSP/1.0 200 OK\r
        CSeq: 1\r
        Session: 12345678\r
        Transport: RTP/AVP/UDP;unicast;client_port=3056-3057;\r
                   server_port=5000-5001\r
        \r

        """
    /// RFC 2326 §10.3; the RFC's Content-Length of 332 does not fit its body.
    static let announce = """
        ANNOUNCE rtsp://server.example.com/fizzle/foo RTSP/1.0\r
        CSeq: 312\r
        Date: 23 Jan 1997 15:35:06 GMT\r
        Session: 47112344\r
        Content-Type: application/sdp\r
        Content-Length: 317\r
        \r

        """
    static let announceBody = """
        v=0\r
        o=mhandley 2890844526 2890845468 IN IP4 126.16.64.4\r
        s=SDP Seminar\r
        i=A Seminar on the session description protocol\r
        u=http://www.cs.ucl.ac.uk/staff/M.Handley/sdp.03.ps\r
        e=mjh@isi.edu (Mark Handley)\r
        c=IN IP4 224.2.17.12/127\r
        t=2873397496 2873404696\r
        a=recvonly\r
        m=audio 3456 RTP/AVP 0\r
        m=video 2232 RTP/AVP 31\r

        """

    static func decode(_ bytes: [UInt8], limits: RTSPLimits = .init()) throws -> [RTSPMessage] {
        var decoder = RTSPDecoder(limits: limits)
        decoder.append(bytes)
        var messages: [RTSPMessage] = []
        while let message = try decoder.next() { messages.append(message) }
        return messages
    }

    static func decode(_ text: String, limits: RTSPLimits = .init()) throws -> [RTSPMessage] {
        try decode([UInt8](text.utf8), limits: limits)
    }

    @Test func readsTheSameMessagesHoweverTheStreamIsCut() throws {
        let binary = [UInt8](repeating: 0x24, count: 300)
        let messages: [(bytes: [UInt8], message: RTSPMessage)] = [
            (
                [UInt8](Self.setup.utf8),
                .request(
                    RTSPRequest(
                        method: .setup,
                        uri: "rtsp://audio.example.com/twister/audio.en",
                        headers: ["CSeq": "1", "Transport": "RTP/AVP/UDP;unicast;client_port=3056-3057"]
                    )
                )
            ),
            ([0x24, 1, 1, 0x2C] + binary, .interleaved(channel: 1, payload: binary)),
            ([0x24, 0, 0, 0], .interleaved(channel: 0, payload: [])),
            (
                [UInt8](Self.setupResponse.utf8),
                .response(
                    RTSPResponse(
                        status: .ok,
                        headers: [
                            "CSeq": "1", "Session": "12345678",
                            "Transport": "RTP/AVP/UDP;unicast;client_port=3056-3057; server_port=5000-5001",
                        ]
                    )
                )
            ),
            (
                [UInt8]((Self.announce + Self.announceBody).utf8),
                .request(
                    RTSPRequest(
                        method: .announce,
                        uri: "rtsp://server.example.com/fizzle/foo",
                        headers: [
                            "CSeq": "312", "Date": "23 Jan 1997 15:35:06 GMT", "Session": "47112344",
                            "Content-Type": "application/sdp", "Content-Length": "317",
                        ],
                        body: [UInt8](Self.announceBody.utf8)
                    )
                )
            ),
        ]
        try verifyIncrementalDecoder(messages) {
            var decoder = RTSPDecoder()
            return { bytes in
                decoder.append(bytes)
                var decoded: [RTSPMessage] = []
                while let message = try decoder.next() { decoded.append(message) }
                return decoded
            }
        }
    }

    @Test func writesWhatItReads() throws {
        let request = RTSPRequest(
            method: .setParameter,
            uri: "rtsp://example.com/a",
            headers: ["CSeq": "7", "Content-Length": "5"],
            body: [UInt8]("a: 1\n".utf8)
        )
        #expect(
            String(decoding: request.serialized(), as: UTF8.self)
                == "SET_PARAMETER rtsp://example.com/a RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 5\r\n\r\na: 1\n"
        )
        #expect(try Self.decode(request.serialized()) == [.request(request)])
        let response = RTSPResponse(status: .sessionNotFound, headers: ["CSeq": "7"])
        #expect(
            String(decoding: response.serialized(), as: UTF8.self)
                == "RTSP/1.0 454 Session Not Found\r\nCSeq: 7\r\n\r\n"
        )
        #expect(try Self.decode(response.serialized()) == [.response(response)])
    }

    @Test func contentLengthAlwaysTellsTheBody() {
        let response = RTSPResponse(status: .ok, headers: ["Content-Length": "99"], body: [1])
        #expect(String(decoding: response.serialized(), as: UTF8.self).contains("Content-Length: 1\r\n"))
    }

    @Test func aHeaderValueCannotAddAHeader() throws {
        let request = RTSPRequest(method: .play, uri: "rtsp://h/\r\nX: 1", headers: ["User-Agent": "a\r\nSession: 1"])
        let messages = try Self.decode(request.serialized())
        guard case .request(let decoded) = messages.first else {
            Issue.record("no request")
            return
        }
        #expect(decoded.headers["Session"] == nil)
        #expect(decoded.headers["X"] == nil)
    }

    @Test func acceptsLineFeedsAloneAndEmptyLinesBetweenMessages() throws {
        let messages = try Self.decode("\r\n\nOPTIONS * RTSP/1.0\nCSeq: 3\n\n\r\nOPTIONS * RTSP/1.0\r\nCSeq: 4\r\n\r\n")
        let numbers = messages.map { message -> Int? in
            if case .request(let request) = message { request.cSeq } else { nil }
        }
        #expect(numbers == [3, 4])
    }

    @Test func aMethodThatTheStandardLacksIsKept() throws {
        #expect(
            try Self.decode("PLAY_NOTIFY rtsp://h/ RTSP/1.0\r\n\r\n")
                == [.request(RTSPRequest(method: .other("PLAY_NOTIFY"), uri: "rtsp://h/"))]
        )
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", RTSPStatus.badRequest),
        ("OPTIONS * RTSP/2.0\r\n\r\n", .versionNotSupported),
        ("RTSP/2.0 200 OK\r\n\r\n", .versionNotSupported),
        ("RTSP/1.0 20 OK\r\n\r\n", .badRequest),
        ("RTSP/1.0 +20 OK\r\n\r\n", .badRequest),
        ("OPTIONS\r\n\r\n", .badRequest),
        ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n", .badRequest),
        ("OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n", .badRequest),
        ("OPTIONS * RTSP/1.0\r\n: no name\r\n\r\n", .badRequest),
        ("OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n", .badRequest),
        ("OPTIONS * RTSP/1.0\r\nContent-Length: +1\r\n\r\n", .badRequest),
        ("OPTIONS * RTSP/1.0\r\nContent-Length:\r\n\r\n", .badRequest),
        ("OPTIONS * RTSP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .badRequest),
        ("OPTIONS * RTSP/1.0\r\nContent-Length: 65537\r\n\r\n", .requestEntityTooLarge),
        ("OPTIONS * RTSP/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n", .requestEntityTooLarge),
    ])
    func refuses(text: String, status: RTSPStatus) {
        do {
            let messages = try Self.decode(text)
            Issue.record("accepted as \(messages)")
        } catch {
            #expect((error as? RTSPError)?.status == status)
        }
    }

    @Test func limitsAreKeptBeforeTheMessageIsWhole() {
        let limits = RTSPLimits(lineByteCount: 100, headByteCount: 300, headerCount: 4, bodyByteCount: 10)
        let start = "OPTIONS * RTSP/1.0\r\n"
        #expect(throws: RTSPError.lineTooLong(limit: 100)) {
            try Self.decode(String(repeating: "A", count: 101), limits: limits)
        }
        #expect(throws: RTSPError.headTooLong(limit: 300)) {
            let header = "A: " + String(repeating: "b", count: 90) + "\r\n"
            _ = try Self.decode(start + header + header + header, limits: limits)
        }
        #expect(throws: RTSPError.tooManyHeaders(limit: 4)) {
            try Self.decode(start + String(repeating: "A: b\r\n", count: 5), limits: limits)
        }
        #expect(throws: RTSPError.bodyTooLarge(byteCount: 11, limit: 10)) {
            try Self.decode(start + "Content-Length: 11\r\n\r\n", limits: limits)
        }
    }

    @Test func anErrorIsFinal() {
        var decoder = RTSPDecoder()
        decoder.append([UInt8]("nonsense\r\n\r\n".utf8))
        #expect(throws: RTSPError.malformedStartLine("nonsense")) { try decoder.next() }
        decoder.append([UInt8]("OPTIONS * RTSP/1.0\r\n\r\n".utf8))
        #expect(throws: RTSPError.malformedStartLine("nonsense")) { try decoder.next() }
    }

    @Test func aLongStreamStaysLinearAndBounded() throws {
        var decoder = RTSPDecoder()
        let packet = [0x24, 0, 0x05, 0x78] + [UInt8](repeating: 7, count: 1400)
        let stream = [UInt8]((0..<50).map { _ in packet }.joined())
        var count = 0
        for _ in 0..<100 {
            decoder.append(stream)
            while try decoder.next() != nil { count += 1 }
        }
        #expect(count == 5000)
    }

    @Test func damagedInputNeverTrapsAndAcceptedInputIsStable() throws {
        let seeds =
            [Self.setup, Self.setupResponse, Self.announce + Self.announceBody].map { [UInt8]($0.utf8) }
            + [[0x24, 0, 0, 4, 1, 2, 3, 4]]
        for bytes in Mutations(of: seeds, count: 1500) {
            guard let messages = try? Self.decode(bytes) else { continue }
            for message in messages {
                if case .interleaved(_, let payload) = message {
                    #expect(payload.count <= bytes.count)
                } else {
                    let written = Self.serialized(message)
                    let again = try Self.decode(written).map(Self.serialized)
                    #expect(again == [written], "\(String(decoding: bytes, as: UTF8.self))")
                }
            }
        }
    }

    static func serialized(_ message: RTSPMessage) -> [UInt8] {
        switch message {
        case .request(let request): request.serialized()
        case .response(let response): response.serialized()
        case .interleaved: []
        }
    }
}

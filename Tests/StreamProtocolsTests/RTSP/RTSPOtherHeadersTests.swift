import StreamProtocols
import Testing

@Suite struct RTSPSessionHeaderTests {
    @Test func readsAndWrites() throws {
        // RFC 2326 §12.37, §14.2; the second is what gst-rtsp-server sends.
        #expect(try RTSPSessionHeader(parsing: "12345678") == RTSPSessionHeader(id: "12345678"))
        let session = try RTSPSessionHeader(parsing: "9FxmZHrsh5F-Ilv1;timeout=60")
        #expect(session == RTSPSessionHeader(id: "9FxmZHrsh5F-Ilv1", timeoutSeconds: 60))
        #expect(session.description == "9FxmZHrsh5F-Ilv1;timeout=60")
        #expect(try RTSPSessionHeader(parsing: " 1 ; Timeout = 5 ").timeoutSeconds == 5)
        #expect(try RTSPSessionHeader(parsing: "1;timeout=soon") == RTSPSessionHeader(id: "1"))
        #expect(try RTSPSessionHeader(parsing: "1;timeout=99999999999999999999") == RTSPSessionHeader(id: "1"))
        #expect(throws: RTSPHeaderError.self) { try RTSPSessionHeader(parsing: " ") }
    }
}

@Suite struct RTPInfoTests {
    @Test func readsAndWrites() throws {
        // gortsplib rtp_info_test.go (VLC as server).
        let header =
            "url=rtsp://127.0.0.1/test.mkv/track1;seq=35243;rtptime=717574556,"
            + "url=rtsp://127.0.0.1/test.mkv/track2;seq=65535;rtptime=4294967295"
        let streams = [
            RTPInfo(url: "rtsp://127.0.0.1/test.mkv/track1", sequenceNumber: 35243, rtpTime: 717_574_556),
            RTPInfo(url: "rtsp://127.0.0.1/test.mkv/track2", sequenceNumber: .max, rtpTime: .max),
        ]
        #expect(try RTPInfo.parse(header) == streams)
        #expect(RTPInfo.header(streams) == header)
    }

    @Test func toleratesSpacesAndUnknownParameters() throws {
        // gortsplib rtp_info_test.go: Axis puts a space behind the comma, others add the ssrc.
        let header = "url=trackID=1;seq=55664;rtptime=254718369;ssrc=56597976, url=trackID=2;seq=70000"
        #expect(
            try RTPInfo.parse(header) == [
                RTPInfo(url: "trackID=1", sequenceNumber: 55664, rtpTime: 254_718_369), RTPInfo(url: "trackID=2"),
            ]
        )
        #expect(throws: RTSPHeaderError.self) { try RTPInfo.parse("seq=1;rtptime=2") }
    }
}

@Suite struct RTSPRangeTests {
    struct Case: Sendable {
        var header: String
        var range: RTSPRange
        var written: String
    }

    /// RFC 2326 §3.5–§3.7 and §12.29.
    static let cases = [
        Case(header: "npt=now-", range: .live, written: "npt=now-"),
        Case(header: "npt=0-", range: .npt(start: .offset(.zero), end: nil), written: "npt=0-"),
        Case(
            header: "npt=123.45-125",
            range: .npt(start: .offset(.milliseconds(123_450)), end: .offset(.seconds(125))),
            written: "npt=123.450-125"
        ),
        Case(
            header: "npt=12:05:35.3-",
            range: .npt(start: .offset(.milliseconds(43_535_300)), end: nil),
            written: "npt=43535.300-"
        ),
        Case(header: "npt=-7", range: .npt(start: nil, end: .offset(.seconds(7))), written: "npt=-7"),
        Case(header: "npt = 0.000 -", range: .npt(start: .offset(.zero), end: nil), written: "npt=0-"),
        Case(
            header: "clock=19961108T142300Z-19961108T143520Z;time=19970123T143720Z",
            range: .clock("19961108T142300Z-19961108T143520Z"),
            written: "clock=19961108T142300Z-19961108T143520Z"
        ),
        Case(header: "smpte-25=10:07:00-", range: .smpte("smpte-25=10:07:00-"), written: "smpte-25=10:07:00-"),
    ]

    @Test(arguments: cases) func readsAndWrites(testCase: Case) throws {
        #expect(try RTSPRange(parsing: testCase.header) == testCase.range)
        #expect(testCase.range.description == testCase.written)
    }

    @Test(arguments: [
        "", "npt", "npt=", "npt=-", "npt=x-", "npt=1:2-", "npt=--1", "npt=99999999999999999999-", "bytes=0-1",
    ])
    func refuses(header: String) {
        #expect(throws: RTSPHeaderError.self) { try RTSPRange(parsing: header) }
    }

    @Test func damagedHeadersNeverTrap() {
        for bytes in Mutations(of: Self.cases.map { [UInt8]($0.header.utf8) }, count: 1000) {
            _ = try? RTSPRange(parsing: String(decoding: bytes, as: UTF8.self)).description
        }
    }
}

import StreamProtocols
import Testing

@Suite struct RTSPURLTests {
    @Test func takesApart() throws {
        let url = try RTSPURL(parsing: "rtsp://us%3Aer:p%40ss@camera.local:8554/Streaming/Channels/101?a=b&c=%20")
        #expect(url.scheme == .rtsp)
        #expect(url.user == "us:er")
        #expect(url.password == "p@ss")
        #expect(url.host == "camera.local")
        #expect(url.port == 8554)
        #expect(url.path == "Streaming/Channels/101")
        #expect(url.query == "a=b&c=%20")
        #expect(url.requestURI == "rtsp://camera.local:8554/Streaming/Channels/101?a=b&c=%20")
    }

    @Test func usesTheDefaultPorts() throws {
        #expect(try RTSPURL(parsing: "rtsp://h").effectivePort == 554)
        #expect(try RTSPURL(parsing: "RTSPS://h/").effectivePort == 322)
        #expect(try RTSPURL(parsing: "rtsp://h:65535/").effectivePort == 65535)
    }

    @Test func understandsIPv6() throws {
        let url = try RTSPURL(parsing: "rtsp://[fe80::1]:554/x/")
        #expect(url.host == "fe80::1")
        #expect(url.port == 554)
        #expect(url.path == "x/")
        #expect(url.requestURI == "rtsp://[fe80::1]:554/x/")
    }

    @Test func understandsUnescapedPasswords() throws {
        let url = try RTSPURL(parsing: "rtsp://admin:a@b:c@10.0.0.2/1")
        #expect(url.password == "a@b:c")
        #expect(url.host == "10.0.0.2")
    }

    /// Dahua's usual path: the question mark begins the query and the ampersand stays in it.
    @Test func keepsTheQuery() throws {
        let url = try RTSPURL(parsing: "rtsp://10.0.0.3:554/cam/realmonitor?channel=1&subtype=0")
        #expect(url.path == "cam/realmonitor")
        #expect(url.query == "channel=1&subtype=0")
    }

    @Test func writesPathsThatNeedEncoding() throws {
        let url = RTSPURL(host: "h", path: "front door/ä?%")
        #expect(url.requestURI == "rtsp://h/front%20door/%C3%A4%3F%25")
        #expect(try RTSPURL(parsing: url.requestURI).path == "front door/ä?%")
    }

    @Test func neverShowsASecret() throws {
        let url = try RTSPURL(parsing: "rtsp://admin:hunter2@h/x?password=hunter2&token=hunter2")
        var dumped = ""
        dump(url, to: &dumped)
        let inPath = try RTSPURL(parsing: "rtsp://h/user=a_password=hunter2_channel=1")
        #expect(inPath.description == "rtsp://h/user=a_password=••••_channel=1")
        for text in [
            "\(url)", String(reflecting: url), dumped,
            url.requestURI.replacing("?password=hunter2&token=hunter2", with: ""),
        ] {
            #expect(!text.contains("hunter2"))
        }
        #expect(url.description == "rtsp://••••@h/x?password=••••&token=••••")
    }

    @Test(arguments: [
        "", "rtsp", "http://h/", "rtsp:/h", "rtsp:///x", "rtsp://:554/x", "rtsp://h:0/", "rtsp://h:65536/",
        "rtsp://h:+5/",
        "rtsp://h/a b", "rtsp://h/a\nb", "rtsp://h/%0d%0aX: y", "rtsp://h/%00", "rtsp://[::1]x/",
    ])
    func refuses(text: String) {
        #expect(throws: RTSPURLError.self) { try RTSPURL(parsing: text) }
    }

    @Test func refusesWhatIsTooLong() {
        #expect(throws: RTSPURLError.tooLong(limit: 4096)) {
            try RTSPURL(parsing: "rtsp://h/" + String(repeating: "a", count: 4088))
        }
    }

    /// RFC 2326 §C.1.1 and what gst-rtsp-server, Hikvision, live555 and others send.
    @Test(arguments: [
        ("trackID=1", "rtsp://h/s", "rtsp://h/s/trackID=1"),
        ("trackID=1", "rtsp://h/s/", "rtsp://h/s/trackID=1"),
        ("rtsp://h/s/trackID=1?x=1", "rtsp://h/s/", "rtsp://h/s/trackID=1?x=1"),
        ("*", "rtsp://h/s/", "rtsp://h/s/"),
        ("", "rtsp://h/s/", "rtsp://h/s/"),
        ("?ctype=video", "rtsp://h/s/", "rtsp://h/s/?ctype=video"),
        ("/trackID=1", "rtsp://h/s", "rtsp://h/s/trackID=1"),
        ("/trackID=1", "rtsp://h/s/", "rtsp://h/s/trackID=1"),
        // A whole path, and no scheme.
        ("/live/ch0/trackID=1", "rtsp://h:554/live/ch0/", "rtsp://h:554/live/ch0/trackID=1"),
        ("//h/s/trackID=1", "rtsp://h/s/", "rtsp://h/s/trackID=1"),
        ("192.0.2.7/s/trackID=1", "rtsp://192.0.2.7:554/s/", "rtsp://192.0.2.7/s/trackID=1"),
        ("192.0.2.7:554/s/trackID=1", "rtsp://192.0.2.7:554/s/", "rtsp://192.0.2.7:554/s/trackID=1"),
        ("hall", "rtsp://h/s/", "rtsp://h/s/hall"),
        (
            "trackID=0", "rtsp://h/cam/realmonitor?channel=1&subtype=0/",
            "rtsp://h/cam/realmonitor?channel=1&subtype=0/trackID=0"
        ),
        ("x", "nonsense", "nonsense/x"),
    ])
    func resolvesControls(control: String, base: String, expected: String) {
        #expect(RTSPURL.resolve(control: control, base: base) == expected)
    }

    @Test(
        arguments: [
            (["Content-Base": "rtsp://h/s/"], "rtsp://h/s/"),
            (["Content-Base": ""], "rtsp://h:554/s"),
            (["Content-Base": " ", "Content-Location": "rtsp://h/t/"], "rtsp://h/t/"),
            ([:], "rtsp://h:554/s"),
            (["Content-Base": "/s/"], "rtsp://h:554/s/"),
            (["Content-Base": "h:554/s/"], "rtsp://h:554/s/"),
            (["Content-Base": "//h/s/"], "rtsp://h/s/"),
            (["Content-Base": "s/"], "rtsp://h:554/s"),
            (["Content-Base": "rtsp://rtsp://h:554/s/"], "rtsp://h:554/s/"),
        ] as [(RTSPHeaders, String)])
    func findsTheBase(headers: RTSPHeaders, expected: String) {
        #expect(RTSPURL.base(of: headers, request: "rtsp://h:554/s") == expected)
    }

    @Test func damagedURLsNeverTrap() throws {
        let seeds = [
            "rtsp://us%3Aer:p%40ss@camera.local:8554/Streaming/Channels/101?a=b&c=%20", "rtsps://[fe80::1]:554/x/",
        ]
        for bytes in Mutations(of: seeds.map { [UInt8]($0.utf8) }, count: 2000) {
            guard let url = try? RTSPURL(parsing: String(decoding: bytes, as: UTF8.self)) else { continue }
            let again = try? RTSPURL(parsing: url.requestURI)
            #expect(again?.path == url.path)
            _ = url.description
        }
    }
}

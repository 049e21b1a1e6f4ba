import Testing

@testable import MediaKit

@Suite struct MediaURLTests {
    @Test(arguments: [
        ("rtsp://cam/live", "rtsp"), ("RTSPS://cam:322/live", "rtsps"), (" http://cam/video.mjpg ", "http"),
        ("https://host/live.m3u8", "https"), ("file:///tmp/a.mp4", "file"), ("/dev/video0", "v4l2"),
        ("v4l2:///dev/video12", "v4l2"),
    ])
    func acceptsWhatASourceCanBe(text: String, scheme: String) throws {
        #expect(try MediaURL(text).scheme == scheme)
    }

    @Test(arguments: [
        "", "cam", "/etc/passwd", "concat:/etc/passwd|/etc/shadow", "subfile,,start,0,end,9,,:/etc/passwd",
        "pipe:0", "data:text/plain,x", "rtsp:", "rtsp://", "http:///x", "file://host/x", "file:relative.mp4",
        "v4l2:///etc/passwd", "/dev/video", "/dev/video0/../mem", "/dev/videoX", "rtsp://cam/a\r\nHeader: x",
        "async:file:/etc/passwd", "cache:http://x", "unix:/run/x.sock", "tcp://host:1",
    ])
    func refusesEverythingElse(text: String) throws {
        #expect(throws: MediaError.self) { try MediaURL(text) }
        #expect(try errorKind { _ = try MediaURL(text) } == .unsupported)
    }

    @Test(arguments: [
        ("rtsp://u:p@ss@cam.lan:554/x@y", "cam.lan"), ("http://[fe80::1]:80/", "fe80::1"), ("https://h?x", "h"),
        ("file:///tmp/x", nil),
    ])
    func findsTheHost(text: String, host: String?) throws {
        #expect(try MediaURL(text).host == host)
    }

    @Test func decodesFileNames() throws {
        #expect(try MediaURL("file:///tmp/a%20b%2Fc.mp4").openable(credentials: nil) == "file:/tmp/a b/c.mp4")
        #expect(try MediaURL("file://localhost/tmp/x").openable(credentials: nil) == "file:/tmp/x")
        #expect(try MediaURL("file:///tmp/100%.mp4").openable(credentials: nil) == "file:/tmp/100%.mp4")
    }

    /// Percent-encoding per RFC 3986 §2.1; the escaped forms are Python's `urllib.parse.quote(x, safe="")`.
    @Test func putsTheAccountIntoTheAddress() throws {
        let account = DemuxerOptions.Credentials(username: "ad min", password: "p@ss/w:rd?#%ü")
        let url = try MediaURL("rtsp://old:secret@cam:554/live?x=1")
        #expect(
            url.openable(credentials: account)
                == "rtsp://ad%20min:p%40ss%2Fw%3Ard%3F%23%25%C3%BC@cam:554/live?x=1")
        #expect(url.openable(credentials: nil) == "rtsp://old:secret@cam:554/live?x=1")
        #expect(try MediaURL("rtsp://u:p@ss w@cam/").openable(credentials: nil) == "rtsp://u:p%40ss%20w@cam/")
    }

    @Test func neverShowsTheAccount() throws {
        let url = try MediaURL("rtsp://admin:hunter2@cam/live")
        #expect("\(url)" == "rtsp://••••@cam/live")
        #expect(!String(reflecting: url).contains("hunter2"))
        var dumped = ""
        dump(url, to: &dumped)
        dump(DemuxerOptions(credentials: .init(username: "admin", password: "hunter2")), to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }
}

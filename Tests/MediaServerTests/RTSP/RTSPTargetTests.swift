import Testing

@testable import MediaServer

@Suite struct RTSPTargetTests {
    @Test(arguments: [
        ("rtsp://host/a", "a", "", Int?.none, "rtsp://host/a"),
        ("rtsp://host:8554/a/b/", "a/b", "", nil, "rtsp://host:8554/a/b"),
        ("rtsp://host/a/trackID=1", "a", "", 1, "rtsp://host/a"),
        // live555 and ffmpeg append to whatever Content-Base was.
        ("rtsp://host/a?x=1&y=2/trackID=0", "a", "x=1&y=2", 0, "rtsp://host/a?x=1&y=2"),
        ("rtsp://host/a/trackID=12?x=1", "a", "x=1", 12, "rtsp://host/a?x=1"),
        ("rtsp://host/a/trackID=x", "a/trackID=x", "", nil, "rtsp://host/a/trackID=x"),
        (
            "rtsp://host/a/trackID=99999999999999999999", "a/trackID=99999999999999999999", "", nil,
            "rtsp://host/a/trackID=99999999999999999999"
        ),
        ("rtsp://user:pass@host/%61%2Fb", "a/b", "", nil, "rtsp://user:pass@host/%61%2Fb"),
        ("rtsp://host/", "", "", nil, "rtsp://host"),
        ("rtsp://[::1]:8554/a", "a", "", nil, "rtsp://[::1]:8554/a"),
    ])
    func takesApart(uri: String, path: String, query: String, track: Int?, base: String) throws {
        let target = try #require(RTSPTarget(uri: uri))
        #expect(target.path == path)
        #expect(target.query == query)
        #expect(target.track == track)
        #expect(target.baseURI == base)
    }

    @Test(arguments: [
        ("?vlcmulticast", true), ("?vlcmulticast/trackID=0", true), ("?a=1&vlcmulticast=1", true), ("", false),
        ("?vlcmulticasts", false), ("?a=vlcmulticast", false),
    ])
    func asksForMulticast(query: String, asks: Bool) throws {
        #expect(try #require(RTSPTarget(uri: "rtsp://host/a\(query)")).asksForMulticast == asks)
    }

    @Test(arguments: ["", "*", "http://host/a", "rtsp://", "/a", "rtsp://host:99999/a"])
    func malformed(uri: String) {
        #expect(RTSPTarget(uri: uri) == nil)
    }
}

import Testing

@testable import MediaServer

@Suite struct HLSRequestTargetTests {
    @Test(arguments: [
        ("/cam/index.m3u8", HLSRequestTarget.multivariantPlaylist(path: "cam")),
        ("/site/a/cam-1/index.m3u8", .multivariantPlaylist(path: "site/a/cam-1")),
        ("/cam/main_stream.m3u8", .mediaPlaylist(path: "cam")),
        ("/cam/0123_7.ts", .file(path: "cam", name: "0123_7.ts")),
        ("/a/b/0123_init1.mp4", .file(path: "a/b", name: "0123_init1.mp4")),
        ("/cam", .redirect(location: "cam/")),
        ("/a/b", .redirect(location: "b/")),
        ("/a/b/", .redirect(location: "index.m3u8")),
        ("/c%61m/index.m3u8", .multivariantPlaylist(path: "cam")),
        ("/cam/other.m3u8", .file(path: "cam", name: "other.m3u8")),
    ])
    func reads(urlPath: String, expected: HLSRequestTarget) {
        #expect(HLSRequestTarget(urlPath: urlPath) == expected)
    }

    @Test(arguments: [
        "", "/", "cam", "//index.m3u8", "/index.m3u8", "/favicon.ico", "/a/../b/index.m3u8", "/a/%2e%2e/index.m3u8",
        "/a//b", "/..", "/../", "/a%00/index.m3u8", "/a%zz/index.m3u8", "/caf%C3%A9/index.m3u8", "/a b/index.m3u8",
        "//evil.example/x", "/cam/caf%C3%A9.ts",
    ])
    func refuses(urlPath: String) {
        #expect(HLSRequestTarget(urlPath: urlPath) == nil)
    }
}

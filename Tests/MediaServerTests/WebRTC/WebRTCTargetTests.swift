import Testing

@testable import MediaServer

@Suite struct WebRTCTargetTests {
    @Test(arguments: [
        ("/cam/whep", WebRTCTarget.endpoint(path: "cam", .view)),
        ("/a/b/whep", .endpoint(path: "a/b", .view)),
        ("/cam/whep/0a1b", .session(path: "cam", secret: "0a1b")),
        ("/a/b/whep/0a1b", .session(path: "a/b", secret: "0a1b")),
        ("/input/phone/whip", .endpoint(path: "input/phone", .publish)),
        ("/input/phone/whip/0a1b", .session(path: "input/phone", secret: "0a1b")),
        ("/cam/", .page(path: "cam")),
        ("/a/b/", .page(path: "a/b")),
        ("/cam", .redirect(location: "cam/")),
        ("/a/b", .redirect(location: "b/")),
        ("/caf%65/whep", .endpoint(path: "cafe", .view)),
        // A path may be called so.
        ("/whep/whep", .endpoint(path: "whep", .view)),
        ("/whep/whip", .endpoint(path: "whep", .publish)),
        ("/cam/whep/", .page(path: "cam/whep")),
    ])
    func names(_ urlPath: String, _ expected: WebRTCTarget) {
        #expect(WebRTCTarget(urlPath: urlPath) == expected)
    }

    @Test(arguments: [
        "", "cam/whep", "/", "//whep", "//whip", "/a/../b/whep", "/c%c3%a9/whep", "/%zz/whep", "/favicon.ico",
    ])
    func nothing(_ urlPath: String) {
        #expect(WebRTCTarget(urlPath: urlPath) == nil)
    }
}

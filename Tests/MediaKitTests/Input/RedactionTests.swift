import Testing

@testable import MediaKit

@Suite struct RedactionTests {
    @Test(arguments: [
        ("rtsp://cam:554/live", "rtsp://cam:554/live"),
        ("rtsp://user:pa@ss@cam/live", "rtsp://***@cam/live"),
        ("rtsp://user@cam/live", "rtsp://***@cam/live"),
        ("rtsp://user:pa/ss?x#y@cam/live", "rtsp://***@cam/live"),
        ("rtsp://[fe80::1]:554/a@b", "rtsp://[fe80::1]:554/a@b"),
        ("rtsp://user:pass", "rtsp://***"),
        ("http://cam/v.cgi?loginuse=a&loginpas=b&res=2", "http://cam/v.cgi?loginuse=a&loginpas=***&res=2"),
        ("http://cam/v?TOKEN=abc#x", "http://cam/v?TOKEN=***#x"),
        // XMEye's form of an address.
        (
            "rtsp://cam:554/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp",
            "rtsp://cam:554/user=admin_password=***_channel=1_stream=0.sdp"
        ),
        ("rtsp://cam/user=admin&password=&channel=1", "rtsp://cam/user=admin&password=&channel=1"),
        ("/dev/video0", "/dev/video0"),
    ])
    func hidesSecretsInAddresses(url: String, expected: String) {
        #expect(Redaction.redactURL(url) == expected)
    }

    @Test(arguments: [
        (
            "[rtsp @ 0x1] Opening 'rtsp://u:hunter2@cam/x' for reading",
            "[rtsp @ 0x1] Opening 'rtsp://***@cam/x' for reading"
        ),
        ("Authorization: Digest username=\"u\", response=\"hunter2\"", "Authorization: ***"),
        ("sending authorization: Basic aHVudGVyMg==", "sending authorization: ***"),
        ("url=http://cam/?pwd=hunter2 failed", "url=http://cam/?pwd=*** failed"),
        ("plain text, 10 % of it", "plain text, 10 % of it"),
    ])
    func hidesSecretsInLogLines(line: String, expected: String) {
        #expect(Redaction.redactLine(line) == expected)
    }

    @Test func mediaErrorsTellWhatToDoWithoutSecrets() throws {
        for kind in MediaError.Kind.allCases {
            let error = MediaError(
                kind: kind, operation: "open input", subject: "rtsp://***@cam/", reason: "why", code: -5)
            #expect(error.userMessage.hasSuffix("."))
            #expect(error.userMessage.contains("rtsp://***@cam/"))
            #expect(error.description == "open input rtsp://***@cam/: why (-5)")
        }
    }
}

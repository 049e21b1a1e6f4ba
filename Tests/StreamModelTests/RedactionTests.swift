import Foundation
import Testing

@testable import StreamModel

@Suite("Secrets are taken out of what is shown")
struct RedactionTests {
    @Test(
        "in addresses",
        arguments: [
            ("rtsp://cam:554/live", "rtsp://cam:554/live"),
            ("rtsp://user@cam/live", "rtsp://••••@cam/live"),
            ("rtsp://u:p@s@h:554/x?y=1", "rtsp://••••@h:554/x?y=1"),
            // A password with a character that belongs escaped, and one that was cut with its address.
            ("rtsp://user:pa/ss?x#y@cam/live", "rtsp://••••@cam/live"),
            ("rtsp://user:pass", "rtsp://••••"),
            ("rtsp://[fe80::1]:554/a@b", "rtsp://[fe80::1]:554/a@b"),
            ("http://cam:8080/a@b", "http://cam:8080/a@b"),
            // A password of digits is no port where a host comes later, nor where no port is so high.
            ("rtsp://user:12/34@cam/live?x=1", "rtsp://••••@cam/live?x=1"),
            ("RTSPS://user:12/34@10.0.0.1:322", "RTSPS://••••@10.0.0.1:322"),
            ("rtsp://user:12?34#5@[fe80::1]/1", "rtsp://••••@[fe80::1]/1"),
            ("rtsp://cam:554/a@=b", "rtsp://cam:554/a@=b"), ("rtsp://cam:554/a@/b", "rtsp://cam:554/a@/b"),
            ("rtsp://cam/12/34@b", "rtsp://cam/12/34@b"), ("http://user:12/34@cam/x", "http://user:12/34@cam/x"),
            ("http://user:65536/34@cam/x", "http://••••@cam/x"), ("http://cam:65535/a@b", "http://cam:65535/a@b"),
            ("http://h/a@b", "http://h/a@b"),
            ("http://cam/v.cgi?loginuse=a&loginpas=b&res=2", "http://cam/v.cgi?loginuse=a&loginpas=••••&res=2"),
            ("http://cam/v?TOKEN=abc#x", "http://cam/v?TOKEN=••••#x"),
            ("http://h/cgi?user=a&password=b&x=1", "http://h/cgi?user=a&password=••••&x=1"),
            ("http://h/?access_token=a_b=c&x=1", "http://h/?access_token=••••&x=1"),
            ("http://h/?apiKey=a&session=b&sid=c&sig=d", "http://h/?apiKey=••••&session=••••&sid=••••&sig=••••"),
            ("http://h/?authCode=a&sessionId=b&author=c", "http://h/?authCode=••••&sessionId=••••&author=c"),
            // XMEye's form of an address.
            ("rtsp://h/user=a_password=b_c_channel=1", "rtsp://h/user=a_password=••••_channel=1"),
            (
                "rtsp://cam:554/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp",
                "rtsp://cam:554/user=admin_password=••••_channel=1_stream=0.sdp"
            ),
            ("rtsp://cam/user=admin&password=&channel=1", "rtsp://cam/user=admin&password=&channel=1"),
            (
                "srt://h:8890?streamid=publish:input/a:a:hunter2&pkt_size=1316",
                "srt://h:8890?streamid=••••&pkt_size=1316"
            ),
            ("/dev/video0", "/dev/video0"),
        ])
    func address(_ text: String, shown: String) { #expect(text.redactingCredentials == shown) }

    @Test(
        "in lines of logs and in sentences",
        arguments: [
            ("open rtsp://u:p@h/1 failed", "open rtsp://••••@h/1 failed"),
            ("a rtsp://u:p@h and http://v:q@i/", "a rtsp://••••@h and http://••••@i/"),
            (
                "[rtsp @ 0x1] Opening 'rtsp://u:pw@cam/x' for reading",
                "[rtsp @ 0x1] Opening 'rtsp://••••@cam/x' for reading"
            ),
            ("Authorization: Digest username=\"u\", response=\"hunter2\"", "Authorization: ••••"),
            ("sending authorization: Basic aHVudGVyMg==", "sending authorization: ••••"),
            ("Set-Cookie: a=b; path=/\nnext: line", "Set-Cookie: ••••\nnext: line"),
            ("url=http://cam/?pwd=hunter2 failed", "url=http://cam/?pwd=•••• failed"),
            ("listens on http://127.0.0.1:8100, and goes on", "listens on http://127.0.0.1:8100, and goes on"),
            ("can't reach http://10.0.0.1:80: refused", "can't reach http://10.0.0.1:80: refused"),
            (
                "closed: invalid stream ID 'write:a'b:a:hunter2': it must be 'action:pathname'\nnext",
                "closed: invalid stream ID '••••'\nnext"
            ),
            ("no secret = here", "no secret = here"), ("plain text, 10 % of it", "plain text, 10 % of it"),
        ])
    func line(_ text: String, shown: String) { #expect(text.redactingCredentials == shown) }

    @Test("in what was sent, by the names that texts are judged by")
    func sentBody() {
        let issue = ValidationIssue(
            type: "missing", location: ["body"], message: .freeText("Field required"),
            input: [
                "name": "x", "password": "hunter2", "setup_code": "hunter2", "api_token": ["hunter2"],
                "url": "rtsp://u:hunter2@cam", "password_set": true,
            ])
        #expect(
            issue.input == [
                "name": "x", "password": "••••", "setup_code": "••••", "api_token": "••••", "url": "rtsp://••••@cam",
                "password_set": true,
            ])
    }

    /// Everything that can be configured and that has a secret in it.
    private func settings() throws -> (StreamingSettings, Camera) {
        let settings = try StreamingSettings(json: [
            "engine": ["webrtc_ice_servers": [["url": "turn:t.example", "username": "u", "password": "hunter2"]]],
            "transmissions": [
                [
                    "path": "a",
                    "outputs": [
                        [
                            "protocol": "hls",
                            "authentication": ["enabled": true, "username": "u", "password": "hunter22"],
                        ]
                    ],
                ]
            ],
        ])
        let camera = try Camera(json: [
            "name": "x", "url": "rtsp://h/user=a_password=hunter2222_channel=1", "username": "u",
            "password": "hunter222",
        ])
        return (settings, camera)
    }

    @Test("in configured things: their public form has none that the stored one has, and is otherwise the same")
    func configured() throws {
        let (settings, camera) = try settings()
        for (stored, shown) in [(settings.json, settings.publicJSON), (camera.json, camera.publicJSON)] {
            #expect(String(decoding: stored.data, as: UTF8.self).contains("hunter2"))
            #expect(!String(decoding: shown.data, as: UTF8.self).contains("hunter2"))
        }
        #expect(
            Set(try #require(camera.publicJSON.objectValue).keys).symmetricDifference(
                try #require(camera.json.objectValue).keys) == ["password", "password_set"])
    }

    @Test("all that a value holds are found, however deep")
    func all() throws {
        struct LaterOne {
            var name = "x"
            var parts: [String: [Secret?]] = ["a": [nil, Secret("deep")]]
        }
        #expect(Secret.all(in: LaterOne()) == [Secret("deep")])
        let (settings, camera) = try settings()
        #expect(
            Secret.all(in: [settings, camera] as [Any])
                == Set(["hunter2", "hunter22", "hunter222", camera.url].map { Secret($0) }))
    }

    /// A second each with the slow build of the tests; looking at the whole rest for each of them would take an hour.
    @Test(
        "a text of many items is masked in a time that grows with its length", .timeLimit(.minutes(1)),
        arguments: [
            ("/", "pw=_", "/", "pw=_", "pw=••••"), ("", "://", "", "://", "://"),
            ("", "a://b:c/", "", "a://••••/", "a://••••/"), ("", "cookie:\n", "", "cookie:\n", "cookie:\n"),
            ("", "a=", "", "a=", "a="), ("", "rtsp://b:1/@=", "", "rtsp://b:1/@=", "rtsp://b:1/@="),
            ("", "a:", "", "a:", "a:"),
        ])
    func manyItems(start: String, item: String, maskedStart: String, masked: String, last: String) {
        let count = 40_000
        let text = start + String(repeating: item, count: count)
        // Compared outside: where so long texts differ takes minutes to find.
        let isMasked = text.redactingCredentials == maskedStart + String(repeating: masked, count: count - 1) + last
        #expect(isMasked)
    }
}

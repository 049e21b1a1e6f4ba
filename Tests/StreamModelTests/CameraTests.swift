import StreamModel
import Testing

@Suite("Cameras")
struct CameraTests {
    @Test("user information in the address is moved into the write-only fields, decoded")
    func userInformation() throws {
        let camera = try Camera(json: ["name": "Door", "url": "rtsp://ad%40min:p@ss%2F1@10.0.0.5:554/ch1?x=1"])
        #expect(camera.url == "rtsp://10.0.0.5:554/ch1?x=1")
        #expect(camera.username == "ad@min")
        #expect(camera.password?.exposed == "p@ss/1")
        #expect(camera.publicJSON["password"] == nil && camera.publicJSON["password_set"] == true)
    }

    @Test(
        "addresses that can't be a camera are refused with a sentence",
        arguments: [
            "", "camera", "ftp://x/y", "rtsp://", "rtsp://:554/x", "file://clip.mp4", "rtsp://a b/c", "subfile:x",
            "concat:a|b", "homeassistant:", "homeassistant:light.door", "homeassistant:camera.",
            "homeassistant:camera.a/../b",
            "homeassistant:camera.Door", "homeassistant://camera.door", "homeassistant:camera.a\r\nX: y",
            "homeassistant:camera.a?b",
        ])
    func badAddress(url: String) {
        let error = #expect(throws: ValidationError.self) { try Camera(json: ["name": "x", "url": .string(url)]) }
        #expect(error?.issues.first?.location == ["body", "url"])
    }

    @Test(
        "what a camera can be",
        arguments: [
            "demo:", "rtsp://cam/1", "rtsps://cam/1", "http://cam/mjpeg", "https://cam/x.m3u8", "file:///clips/a.mp4",
            "/dev/video0", "homeassistant:camera.front_door_2",
        ])
    func goodAddress(url: String) throws {
        #expect(try Camera(json: ["name": "x", "url": .string(url)]).url == url)
    }

    @Test("a microphone is a device of ALSA by name: its file and tee devices write files and run commands")
    func microphone() throws {
        let json: [String: JSONValue] = ["name": "x", "url": "demo:"]
        func camera(_ microphone: JSONValue) throws -> Camera {
            try Camera(json: .object(json.merging(["microphone": microphone]) { $1 }))
        }
        for good in ["alsa:default", "alsa:plughw:1,0", "alsa:plughw:CARD=Device,DEV=0", "alsa:my_mic"] {
            #expect(try camera(.string(good)).publicJSON["microphone"] == .string(good))
        }
        #expect(try camera("").microphone == nil && Camera(json: .object(json)).publicJSON["microphone"] == .null)
        for bad in [
            "hw:1", "alsa:", "alsa:file:/x", "alsa:file:FILE=x", "alsa:tee:hw,x", "alsa:hw:0'|id", "alsa:a b",
            "alsa:pcm.file", "alsa:hw:", "alsa:{type file}",
        ] {
            #expect(throws: ValidationError.self, "\(bad)") { try camera(.string(bad)) }
        }
        #expect(throws: ValidationError.self) { try Camera(json: ["name": "x", "url": "alsa:default"]) }
    }

    @Test("a track of sound is a number, or nothing")
    func soundTrack() throws {
        let json: [String: JSONValue] = ["name": "x", "url": "demo:"]
        func camera(_ track: JSONValue) throws -> Camera {
            try Camera(json: .object(json.merging(["sound_track": track]) { $1 }))
        }
        #expect(try camera(2).soundTrack == 2 && camera(2).publicJSON["sound_track"] == 2)
        #expect(try camera(.null).soundTrack == nil && Camera(json: .object(json)).publicJSON["sound_track"] == .null)
        for wrong in [0, 17, "two", 1.5] as [JSONValue] {
            let error = #expect(throws: ValidationError.self) { try camera(wrong) }
            #expect(error?.issues.first?.location == ["body", "sound_track"])
        }
    }

    @Test("a stored password follows a camera on its host only")
    func passwordStaysWithHost() throws {
        let stored = try Camera(json: ["id": "c", "name": "x", "url": "rtsp://u:pw@10.0.0.5/1"])
        let renamed = try Camera(json: ["id": "c", "name": "y", "url": "rtsp://10.0.0.5/2", "username": "u"])
        #expect(try renamed.keepingSecrets(of: stored).password?.exposed == "pw")
        let elsewhere = try Camera(json: ["id": "c", "name": "y", "url": "rtsp://evil/2", "username": "u"])
        #expect(try elsewhere.keepingSecrets(of: stored).password == nil)
    }

    @Test(
        "a password in the path or the query is never shown, and is kept while its mask is sent back to the same host",
        arguments: [
            (
                "rtsp://10.0.0.5/user=admin_password=s_3cret_channel=1_stream=0.sdp",
                "rtsp://10.0.0.5/user=admin_password=••••_channel=1_stream=0.sdp"
            ),
            (
                "rtsp://10.0.0.5/user=admin&password=s3cret&channel=1&stream=0.sdp?real_stream",
                "rtsp://10.0.0.5/user=admin&password=••••&channel=1&stream=0.sdp?real_stream"
            ),
            (
                "http://10.0.0.5/videostream.cgi?loginuse=admin&loginpas=s3cret",
                "http://10.0.0.5/videostream.cgi?loginuse=admin&loginpas=••••"
            ),
        ])
    func passwordInURL(url: String, shown: String) throws {
        let stored = try Camera(json: ["id": "c", "name": "x", "url": .string(url)]).keepingSecrets(of: nil)
        #expect(stored.publicJSON["url"] == .string(shown) && stored.json["url"] == .string(url))
        let edited = try Camera(json: ["id": "c", "name": "y", "url": .string(shown)])
        #expect(try edited.keepingSecrets(of: stored).url == url)
        let elsewhere = try Camera(
            json: ["id": "c", "name": "y", "url": .string(shown.replacing("10.0.0.5", with: "evil"))])
        let error = #expect(throws: ValidationError.self) { try elsewhere.keepingSecrets(of: stored) }
        #expect(error?.issues.first?.location == ["body", "url"])
        #expect(throws: ValidationError.self) { try edited.keepingSecrets(of: nil) }
    }
}

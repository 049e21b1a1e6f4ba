import StreamProtocols
import Testing

@testable import PipelineKit

/// What cameras of well-known makers answer, as people have published it, and what has to be asked of them then.
@Suite struct CameraDialogueTests {
    struct Dialogue: Sendable, CustomTestStringConvertible {
        var camera: String
        var url: String
        /// The answer to DESCRIBE once the password was right.
        var headers: RTSPHeaders
        var description: String
        var challenge: String?
        var setUpHeaders: RTSPHeaders
        /// What is asked next.
        var setUp: String
        /// And then, for its sound; nil where none is understood.
        var sound: String?
        var play: String
        var track: VideoCodec = .h264

        var testDescription: String { camera }
    }

    static let dialogues = [
        // github.com/mpromonet/webrtc-streamer/issues/138: everything is absolute, and the challenge is stale="FALSE".
        Dialogue(
            camera: "Hikvision", url: "rtsp://192.0.2.7:554/h264/ch1/main/av_stream",
            headers: ["Content-Base": "rtsp://192.0.2.7:554/h264/ch1/main/av_stream/"],
            description: """
                o=- 1534930022996637 1534930022996637 IN IP4 192.0.2.7
                s=Media Presentation
                e=NONE
                b=AS:5050
                a=control:rtsp://192.0.2.7:554/h264/ch1/main/av_stream/
                m=video 0 RTP/AVP 96
                a=recvonly
                a=x-dimensions:1280,720
                a=control:rtsp://192.0.2.7:554/h264/ch1/main/av_stream/trackID=1
                a=rtpmap:96 H264/90000
                a=Media_header:MEDIAINFO=494D4B480102000004000001000
                """,
            challenge: #"Digest realm="IP Camera(C2189)", nonce="1bcc728fe33807c8070f8572af32b356", stale="FALSE""#,
            setUpHeaders: [
                "Session": "       1273222592;timeout=60",
                "Transport": "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=5f2a0c6c;mode=\"play\"",
            ],
            setUp: "rtsp://192.0.2.7:554/h264/ch1/main/av_stream/trackID=1",
            play: "rtsp://192.0.2.7:554/h264/ch1/main/av_stream/"),
        // github.com/AlexxIT/go2rtc/issues/1594 (Lorex, made by Dahua): a query in the base, channels of its own choice.
        Dialogue(
            camera: "Dahua", url: "rtsp://192.0.2.7:554/cam/realmonitor?channel=1&subtype=0",
            headers: ["Content-Base": "rtsp://192.0.2.7:554/cam/realmonitor?channel=1&subtype=0/"],
            description: """
                o=- 2281187389 2281187389 IN IP4 0.0.0.0
                s=RTSP Session/2.0
                a=control:*
                a=packetization-supported:DH
                m=video 0 RTP/AVP 98
                a=control:trackID=0
                a=framerate:25.000000
                a=rtpmap:98 H265/90000
                a=recvonly
                m=audio 0 RTP/AVP 8
                a=control:trackID=1
                """,
            challenge: #"Digest realm="Login to ND032206020280", nonce="59f4ad51acdb0868f7a168649bbf7608""#,
            setUpHeaders: [
                "Session": "12961780151629;timeout=60",
                "Transport": "RTP/AVP/TCP;unicast;interleaved=10-11;ssrc=6EEB125A",
            ],
            setUp: "rtsp://192.0.2.7:554/cam/realmonitor?channel=1&subtype=0/trackID=0",
            sound: "rtsp://192.0.2.7:554/cam/realmonitor?channel=1&subtype=0/trackID=1",
            play: "rtsp://192.0.2.7:554/cam/realmonitor?channel=1&subtype=0/", track: .h265),
        // github.com/scottlamb/retina/issues/17: an old live555 without the port in its base.
        Dialogue(
            camera: "Reolink", url: "rtsp://192.0.2.7:554/h264Preview_01_main",
            headers: ["Content-Base": "rtsp://192.0.2.7/h264Preview_01_main/"],
            description: """
                o=- 1629795645777963 1 IN IP4 192.0.2.7
                s=Session streamed by "preview"
                a=tool:LIVE555 Streaming Media v2013.04.08
                a=control:*
                m=video 0 RTP/AVP 96
                a=rtpmap:96 H264/90000
                a=control:trackID=1
                m=audio 0 RTP/AVP 97
                a=rtpmap:97 MPEG4-GENERIC/16000
                a=control:trackID=2
                """,
            challenge: #"Digest realm="LIVE555 Streaming Media", nonce="435a79a4baaee7fe09baf6278cfe05ce""#,
            setUpHeaders: [
                "Session": "8C0B6D3C;timeout=65",
                "Transport": "RTP/AVP/TCP;unicast;destination=192.0.2.8;source=192.0.2.7;interleaved=0-1",
            ],
            setUp: "rtsp://192.0.2.7/h264Preview_01_main/trackID=1", play: "rtsp://192.0.2.7/h264Preview_01_main/"),
        // github.com/pixelbender/go-sdp/issues/5, scottlamb/moonfire-nvr/issues/238: a media type of its own, and a
        // description that has no control.
        Dialogue(
            camera: "Tapo", url: "rtsp://192.0.2.7:554/stream1",
            headers: ["Content-Base": "rtsp://192.0.2.7:554/stream1/"],
            description: """
                o=- 14665860 31787219 1 IN IP4 192.0.2.7
                s=Session streamed by "TP-LINK RTSP Server"
                m=video 0 RTP/AVP 96
                c=IN IP4 0.0.0.0
                b=AS:4096
                a=range:npt=0-
                a=control:track1
                a=rtpmap:96 H264/90000
                m=audio 0 RTP/AVP 8
                a=rtpmap:8 PCMA/8000
                a=control:track2
                m=application/tp-link 0 RTP/AVP smart/0/25000
                a=rtpmap:95 tp-link/25000
                a=control:track3
                """,
            challenge: #"Digest realm="TP-LINK IP-Camera", nonce="43e0c46e2c4e8525c0226faa8ecb6e8a""#,
            setUpHeaders: ["Session": "0E7B2E0C;timeout=60", "Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"],
            setUp: "rtsp://192.0.2.7:554/stream1/track1", sound: "rtsp://192.0.2.7:554/stream1/track2",
            play: "rtsp://192.0.2.7:554/stream1/"),
        // github.com/bluenviron/mediamtx/issues/683: only the session's own control has the query that PLAY needs.
        Dialogue(
            camera: "Axis", url: "rtsp://192.0.2.7/axis-media/media.amp?Axis-Orig-Sw=true",
            headers: ["Content-Base": "rtsp://192.0.2.7:554/axis-media/media.amp/"],
            description: """
                o=- 18302136002250915968 1 IN IP4 192.0.2.7
                s=Session streamed with GStreamer
                a=control:rtsp://192.0.2.7/axis-media/media.amp?Axis-Orig-Sw=true
                m=video 0 RTP/AVP 96
                a=rtpmap:96 H264/90000
                a=control:rtsp://192.0.2.7/axis-media/media.amp/stream=0?Axis-Orig-Sw=true
                """,
            challenge: #"Digest realm="AXIS_ACCC8E000000", nonce="0003b3a1Y6921", algorithm="MD5", stale=FALSE"#,
            setUpHeaders: [
                "Session": "S1dXzTzrbsnEhUYR;timeout=60",
                "Transport": "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=6F1B3C40;mode=\"PLAY\"",
            ],
            setUp: "rtsp://192.0.2.7/axis-media/media.amp/stream=0?Axis-Orig-Sw=true",
            play: "rtsp://192.0.2.7/axis-media/media.amp?Axis-Orig-Sw=true"),
        // Majestic asks by Basic, and says no base.
        Dialogue(
            camera: "OpenIPC", url: "rtsp://192.0.2.7/stream=0", headers: [:],
            description: """
                o=- 0 0 IN IP4 192.0.2.7
                s=OpenIPC
                m=video 0 RTP/AVP 96
                a=rtpmap:96 H265/90000
                a=control:video
                """,
            challenge: #"Basic realm="OpenIPC""#,
            setUpHeaders: ["Session": "1804289383"],
            setUp: "rtsp://192.0.2.7/stream=0/video", play: "rtsp://192.0.2.7/stream=0", track: .h265),
        // github.com/AlexxIT/go2rtc/issues/1663 (H3C): half an origin, no control of the session, tracks elsewhere.
        Dialogue(
            camera: "H3C", url: "rtsp://192.0.2.7/media/video1", headers: ["Content-Base": ""],
            description: """
                o=- 1001 1 IN
                s=VCP IPC Realtime stream
                m=video 0 RTP/AVP 105
                c=IN
                a=control:rtsp://192.0.2.7/media/video1/video
                a=rtpmap:105 H264/90000
                a=recvonly
                m=application 0 RTP/AVP 107
                a=control:rtsp://192.0.2.7/media/video1/metadata
                a=rtpmap:107 vnd.onvif.metadata/90000
                """,
            setUpHeaders: ["Session": "7;timeout=60", "Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"],
            setUp: "rtsp://192.0.2.7/media/video1/video", play: "rtsp://192.0.2.7/media/video1"),
        // github.com/AlexxIT/go2rtc/issues/208: the scheme twice.
        Dialogue(
            camera: "icamra", url: "rtsp://turret.example:554/stream1",
            headers: ["Content-Base": "rtsp://rtsp://turret.example:554/stream1/"],
            description: """
                o=- 1109162014219182 1109162014219192 IN IP4 192.0.2.7
                s=RTSP/RTP stream from icamra ipc
                m=video 0 RTP/AVP 96
                a=rtpmap:96 H264/90000
                a=control:track0
                """,
            setUpHeaders: ["Session": "7", "Transport": "RTP/AVP/TCP;interleaved=0-1"],
            setUp: "rtsp://turret.example:554/stream1/track0", play: "rtsp://turret.example:554/stream1/"),
    ]

    @Test(arguments: dialogues) func plays(dialogue: Dialogue) throws {
        var session = PlaySession(url: dialogue.url, credentials: BasicCredentials(user: "admin", password: "hunter2"))
        var describe = try session.answer(session.start(), .ok, ["Public": "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"])
        if let challenge = dialogue.challenge {
            describe = try session.answer(describe, .unauthorized, ["WWW-Authenticate": challenge])
            let scheme = try #require(challenge.split(separator: " ").first)
            #expect(try request(describe).headers["Authorization"]?.hasPrefix(scheme) == true)
        }
        let setUp = try session.answer(
            describe, .ok, dialogue.headers,
            body: "v=0\r\n" + dialogue.description.replacing("\n", with: "\r\n") + "\r\n")
        #expect(try request(setUp).uri == dialogue.setUp)
        var play = try session.answer(setUp, .ok, dialogue.setUpHeaders)
        if let sound = dialogue.sound {
            #expect(try request(play).uri == sound)
            play = try session.answer(play)
        }
        #expect(try request(play).method == .play)
        #expect(try request(play).uri == dialogue.play)
        #expect(try session.answer(play) == .play)
        let codecs = session.tracks.map(\.format.media.videoCodec)
        #expect(codecs == [dialogue.track] + (dialogue.sound == nil ? [] : [nil]))
    }
}

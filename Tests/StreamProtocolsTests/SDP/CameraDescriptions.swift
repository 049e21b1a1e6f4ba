/// Session descriptions as cameras and servers send them. Those of gst-rtsp-server and ffmpeg were recorded.
enum CameraDescriptions {
    struct Sample: Sendable {
        var source: String
        var text: String
        /// The first video section's expected track.
        var payloadType: UInt8
        var control: String
        /// Expected values of the SPS, worked out by ffmpeg 5.1 (`trace_headers`); nil without parameter sets.
        var size: (width: Int, height: Int)?
        var hasAudio = false
    }

    static let all = [
        hikvision, hikMediaServer, dahua, axis, gstRTSPServer, ffmpeg, liveReporter, sony, uniview, vurix,
    ]

    static let hikvision = Sample(
        source: "the layout of Hikvision cameras (/Streaming/Channels/101); SPS from mediacommon sps_test.go",
        text: """
            v=0
            o=- 1450087126231012 1450087126231012 IN IP4 192.168.1.64
            s=Media Presentation
            e=NONE
            b=AS:5050
            t=0 0
            a=control:rtsp://192.168.1.64:554/Streaming/Channels/101/
            m=video 0 RTP/AVP 96
            c=IN IP4 0.0.0.0
            b=AS:5000
            a=recvonly
            a=x-dimensions:1280,960
            a=control:rtsp://192.168.1.64:554/Streaming/Channels/101/trackID=1
            a=rtpmap:96 H264/90000
            a=fmtp:96 profile-level-id=420029; packetization-mode=1; \
            sprop-parameter-sets=Z2QAIKwXKgFAHmhAAAHCAABX5CE=,aO48sA==
            a=Media_header:MEDIAINFO=494D4B48010200000400000100000000;
            a=appversion:1.0
            """,
        payloadType: 96,
        control: "rtsp://192.168.1.64:554/Streaming/Channels/101/trackID=1",
        size: (1280, 960)
    )

    static let hikMediaServer = Sample(
        source: "gortsplib sdpunmarshaler_test.go: MediaMTX issue 227",
        text: """
            v=0
            o=- 1109162014219182 0 IN IP4 0.0.0.0
            s=HIK Media Server V3.1.3
            i=HIK Media Server Session Description : standard
            e=NONE
            c=IN c=IN IP4 0.0.0.0
            t=0 0
            a=control:*
            a=range:npt=now-
            m=video 0 RTP/AVP 96
            i=Video Media
            a=rtpmap:96 H264/90000
            a=fmtp:96 profile-level-id=4D0014;packetization-mode=0;\
            sprop-parameter-sets=Z01AHppmBYHv81BgYGQAAA+gAAF3ABA=,aO48gA==
            a=control:trackID=video
            a=appversion:1.0
            """,
        payloadType: 96,
        control: "trackID=video",
        size: (704, 480)
    )

    static let dahua = Sample(
        source: "the layout of Dahua cameras (/cam/realmonitor?channel=1); SPS from mediacommon sps_test.go",
        text: """
            v=0
            o=- 2251938202 2251938202 IN IP4 0.0.0.0
            s=Media Server
            c=IN IP4 0.0.0.0
            t=0 0
            a=control:*
            a=packetization-supported:DH
            a=rtppayload-supported:DH
            a=range:npt=now-
            m=video 0 RTP/AVP 96
            a=control:trackID=0
            a=framerate:25.000000
            a=rtpmap:96 H264/90000
            a=fmtp:96 packetization-mode=1;profile-level-id=64002A;\
            sprop-parameter-sets=Z2QAKqwsrAeAIn5cBagICAoAAAfQAAOpgcAAAExLAAAmJa3eXBQ=,aO48sAA=
            a=recvonly
            m=audio 0 RTP/AVP 97
            a=control:trackID=1
            a=rtpmap:97 MPEG4-GENERIC/64000
            a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;\
            config=1188
            a=recvonly
            m=application 0 RTP/AVP 107
            a=control:trackID=4
            a=rtpmap:107 vnd.onvif.metadata/90000
            a=recvonly
            """,
        payloadType: 96,
        control: "trackID=0",
        size: (1920, 1080),
        hasAudio: true
    )

    static let axis = Sample(
        source: "the layout of Axis cameras (/axis-media/media.amp); SPS from mediacommon sps_test.go",
        text: """
            v=0
            o=- 1188340656180883 1188340656180883 IN IP4 192.168.0.90
            s=Session streamed with GStreamer
            i=rtsp-server
            t=0 0
            a=tool:GStreamer
            a=type:broadcast
            a=range:npt=now-
            a=control:rtsp://192.168.0.90/axis-media/media.amp?videocodec=h264
            m=video 0 RTP/AVP 96
            c=IN IP4 0.0.0.0
            b=AS:50000
            a=rtpmap:96 H264/90000
            a=fmtp:96 packetization-mode=1;profile-level-id=4d0029;\
            sprop-parameter-sets=Z00AKZpkA8ARPy4C3AQEBQAAAwPoAADDUOhgALq0AALqxLvLjQwAF1aAAF1Yl3lwoA==,aO48gA==
            a=ts-refclk:local
            a=mediaclk:sender
            a=recvonly
            a=control:rtsp://192.168.0.90/axis-media/media.amp/stream=0?videocodec=h264
            a=framerate:25.000000
            a=transform:1.000000,0.000000,0.000000;0.000000,1.000000,0.000000;0.000000,0.000000,1.000000
            """,
        payloadType: 96,
        control: "rtsp://192.168.0.90/axis-media/media.amp/stream=0?videocodec=h264",
        size: (1920, 1080)
    )

    static let gstRTSPServer = Sample(
        source: "recorded from gst-rtsp-server 1.22 (Debian 12): x264enc ! rtph264pay config-interval=-1",
        text: """
            v=0
            o=- 5235259497533458544 1 IN IP4 127.0.0.1
            s=Session streamed with GStreamer
            i=rtsp-server
            t=0 0
            a=tool:GStreamer
            a=type:broadcast
            a=control:*
            a=range:npt=now-
            m=video 0 RTP/AVP 96
            c=IN IP4 0.0.0.0
            b=AS:2097
            a=rtpmap:96 H264/90000
            a=framerate:25
            a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoC/5cBagwMDUoAAAAwAgAAAGUeLFyQ==,aMuMsg==;\
            profile-level-id=42c01e;level-asymmetry-allowed=1
            a=control:stream=0
            a=ts-refclk:local
            a=mediaclk:sender
            a=ssrc:1934723450 cname:user1094686056@host-e841dca1
            """,
        payloadType: 96,
        control: "stream=0",
        size: (640, 360)
    )

    static let ffmpeg = Sample(
        source: "recorded from ffmpeg 5.1 -f rtsp (ANNOUNCE)",
        text: """
            v=0
            o=- 0 0 IN IP4 127.0.0.1
            s=No Name
            c=IN IP4 127.0.0.1
            t=0 0
            a=tool:libavformat LIBAVFORMAT_VERSION
            m=video 0 RTP/AVP 96
            a=rtpmap:96 H264/90000
            a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z2QAHqyyAUBf8uAiAAADAAIAAAMAZR4sXJA=,aOvDyyLA; \
            profile-level-id=64001E
            a=control:streamid=0
            m=audio 0 RTP/AVP 97
            b=AS:69
            a=rtpmap:97 MPEG4-GENERIC/44100/1
            a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; config=120856E500
            a=control:streamid=1
            """,
        payloadType: 96,
        control: "streamid=0",
        size: (640, 360),
        hasAudio: true
    )

    static let liveReporter = Sample(
        source: "gortsplib sdpunmarshaler_test.go: MediaMTX issue 75 (LiveReporter)",
        text: """
            v=0
            o=-0 0 IN IP4 127.0.0.1
            s=No Name
            c=IN IP4 0.0.0.0
            t=0 0
            a=control:*
            m=video 0 RTP/AVP 96
            b=AS:253
            a=rtpmap:96 H264/90000
            a=fmtp:96 packetization-mode=1; sprop-parameter-sets=J2QAHqxWgKA9pqAgIMBA,KO48sA==; profile-level-id=64001E
            a=control:streamid=0
            """,
        payloadType: 96,
        control: "streamid=0",
        size: (640, 480)
    )

    static let sony = Sample(
        source: "gortsplib sdpunmarshaler_test.go: MediaMTX issue 85 (Sony SNC-WR630)",
        text: """
            v=0
            o=- 12345 1 IN IP4 10.21.61.139
            s=Sony RTSP Server
            t=0 0
            a=range:npt=now-
            c=IN IP4 0.0.0.0
            m=video 0 RTP/AVP 105
            a=rtpmap:105 H264/90000
            a=control:trackID=1
            a=recvonly
            a=framerate:25.0
            a=fmtp:105 packetization-mode=1; profile-level-id=640028; \
            sprop-parameter-sets=Z2QAKKwa0A8ARPy4CIAAAAMAgAAADLWgAtwAHJ173CPFCKg=,KO4ESSJAAAAAAAAAAA==
            """,
        payloadType: 105,
        control: "trackID=1",
        size: (1920, 1080)
    )

    static let uniview = Sample(
        source: "gortsplib sdpunmarshaler_test.go: MediaMTX issue 5008 (Uniview)",
        text: """
            v=0
            o=- 1001 1 IN\u{20}
            s=VCP IPC Realtime stream
            m=video 0 RTP/AVP 105
            c=IN\u{20}
            a=control:rtsp://10.0.0.1/media/video1/video
            a=rtpmap:105 H264/90000
            a=fmtp:105 profile-level-id=640028; packetization-mode=1; \
            sprop-parameter-sets=Z2QAKKw7UDwBE/LCAAAH0AAA6mEI,aOqPLA==
            a=recvonly
            m=application 0 RTP/AVP 107
            c=IN\u{20}
            a=control:rtsp://10.0.0.1/media/video1/metadata
            a=rtpmap:107 vnd.onvif.metadata/90000
            a=fmtp:107 DecoderTag=h3c-v3 RTCP=0
            a=recvonly
            """,
        payloadType: 105,
        control: "rtsp://10.0.0.1/media/video1/video",
        size: (1920, 1080)
    )

    static let vurix = Sample(
        source: "gortsplib sdpunmarshaler_test.go: MediaMTX issue 2128 (Vurix NVR)",
        text: """
            v=0
            o=- 1 1 IN IPV4 10.10.10.10
            s=Media Presentation
            c=IN IPV4 0.0.0.0
            t=0 0
            a=control:*
            a=range:npt=now-
            m=video 0 RTP/AVP 96
            a=control:rtsp://10.10.10.10:5556/vurix/1414/0/video
            a=rtpmap:96 H264/90000
            a=fmtp:96 packetization-mode=1;profile-level-id=64001F;\
            sprop-parameter-sets=Z2QAKKwbGoB4AiflwFuAgICgAAB9AAATiB0MAEr4AAL68F3lxoYAJXwAAX14LvLhQA==,aO48MA==
            a=recvonly
            """,
        payloadType: 96,
        control: "rtsp://10.10.10.10:5556/vurix/1414/0/video",
        size: (1920, 1080)
    )
}

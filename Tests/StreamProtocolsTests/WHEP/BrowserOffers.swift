import Testing

/// Offers as clients make them for a viewer (recvonly video and audio), recorded.
enum BrowserOffers {
    struct Offer: Sendable, CustomTestStringConvertible {
        var client: String
        var text: String
        var usernameFragment: String
        var fingerprintCount: Int
        /// What the profile begins with that answers pictures of Constrained Baseline.
        var constrainedBaseline: String
        var midExtensionID: UInt8
        /// Of the numbers by which it reports when packets came.
        var transportNumberExtensionID: UInt8?
        var hasRetransmission: Bool

        var testDescription: String { client }
    }

    /// Those that play H.264 and Opus.
    static let all = [chromium, aiortc]

    static let chromium = Offer(
        client: "Chromium 156",
        text: """
            v=0
            o=- 5243982867996851158 2 IN IP4 127.0.0.1
            s=-
            t=0 0
            a=group:BUNDLE 0 1
            a=extmap-allow-mixed
            a=msid-semantic: WMS
            m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 35 36 37 38 102 103 104 107 108 109 114 115 116 117 39 40 41 42 43 44 45 46 47 48 118 119 120 49
            c=IN IP4 0.0.0.0
            a=rtcp:9 IN IP4 0.0.0.0
            a=ice-ufrag:1EAs
            a=ice-pwd:SHFIyhHvc+qYxqgI+PN12aSF
            a=ice-options:trickle
            a=fingerprint:sha-256 9E:74:42:C5:31:8E:86:30:CB:A1:B7:0B:A7:A7:32:93:E4:16:F8:D6:57:4F:A9:AC:1A:6A:03:4F:87:F5:01:69
            a=setup:actpass
            a=mid:0
            a=extmap:1 urn:ietf:params:rtp-hdrext:toffset
            a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
            a=extmap:3 urn:3gpp:video-orientation
            a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
            a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
            a=extmap:6 http://www.webrtc.org/experiments/rtp-hdrext/video-content-type
            a=extmap:7 http://www.webrtc.org/experiments/rtp-hdrext/video-timing
            a=extmap:8 http://www.webrtc.org/experiments/rtp-hdrext/color-space
            a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid
            a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
            a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
            a=recvonly
            a=rtcp-mux
            a=rtcp-rsize
            a=rtcp-xr:rcvr-rtt=all
            a=rtpmap:96 VP8/90000
            a=rtcp-fb:96 goog-remb
            a=rtcp-fb:96 transport-cc
            a=rtcp-fb:96 ccm fir
            a=rtcp-fb:96 nack
            a=rtcp-fb:96 nack pli
            a=rtpmap:97 rtx/90000
            a=fmtp:97 apt=96
            a=rtpmap:98 VP9/90000
            a=rtcp-fb:98 goog-remb
            a=rtcp-fb:98 transport-cc
            a=rtcp-fb:98 ccm fir
            a=rtcp-fb:98 nack
            a=rtcp-fb:98 nack pli
            a=fmtp:98 profile-id=0
            a=rtpmap:99 rtx/90000
            a=fmtp:99 apt=98
            a=rtpmap:100 VP9/90000
            a=rtcp-fb:100 goog-remb
            a=rtcp-fb:100 transport-cc
            a=rtcp-fb:100 ccm fir
            a=rtcp-fb:100 nack
            a=rtcp-fb:100 nack pli
            a=fmtp:100 profile-id=2
            a=rtpmap:101 rtx/90000
            a=fmtp:101 apt=100
            a=rtpmap:35 VP9/90000
            a=rtcp-fb:35 goog-remb
            a=rtcp-fb:35 transport-cc
            a=rtcp-fb:35 ccm fir
            a=rtcp-fb:35 nack
            a=rtcp-fb:35 nack pli
            a=fmtp:35 profile-id=1
            a=rtpmap:36 rtx/90000
            a=fmtp:36 apt=35
            a=rtpmap:37 VP9/90000
            a=rtcp-fb:37 goog-remb
            a=rtcp-fb:37 transport-cc
            a=rtcp-fb:37 ccm fir
            a=rtcp-fb:37 nack
            a=rtcp-fb:37 nack pli
            a=fmtp:37 profile-id=3
            a=rtpmap:38 rtx/90000
            a=fmtp:38 apt=37
            a=rtpmap:102 H264/90000
            a=rtcp-fb:102 goog-remb
            a=rtcp-fb:102 transport-cc
            a=rtcp-fb:102 ccm fir
            a=rtcp-fb:102 nack
            a=rtcp-fb:102 nack pli
            a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
            a=rtpmap:103 rtx/90000
            a=fmtp:103 apt=102
            a=rtpmap:104 H264/90000
            a=rtcp-fb:104 goog-remb
            a=rtcp-fb:104 transport-cc
            a=rtcp-fb:104 ccm fir
            a=rtcp-fb:104 nack
            a=rtcp-fb:104 nack pli
            a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f
            a=rtpmap:107 rtx/90000
            a=fmtp:107 apt=104
            a=rtpmap:108 H264/90000
            a=rtcp-fb:108 goog-remb
            a=rtcp-fb:108 transport-cc
            a=rtcp-fb:108 ccm fir
            a=rtcp-fb:108 nack
            a=rtcp-fb:108 nack pli
            a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
            a=rtpmap:109 rtx/90000
            a=fmtp:109 apt=108
            a=rtpmap:114 H264/90000
            a=rtcp-fb:114 goog-remb
            a=rtcp-fb:114 transport-cc
            a=rtcp-fb:114 ccm fir
            a=rtcp-fb:114 nack
            a=rtcp-fb:114 nack pli
            a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
            a=rtpmap:115 rtx/90000
            a=fmtp:115 apt=114
            a=rtpmap:116 H264/90000
            a=rtcp-fb:116 goog-remb
            a=rtcp-fb:116 transport-cc
            a=rtcp-fb:116 ccm fir
            a=rtcp-fb:116 nack
            a=rtcp-fb:116 nack pli
            a=fmtp:116 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f
            a=rtpmap:117 rtx/90000
            a=fmtp:117 apt=116
            a=rtpmap:39 H264/90000
            a=rtcp-fb:39 goog-remb
            a=rtcp-fb:39 transport-cc
            a=rtcp-fb:39 ccm fir
            a=rtcp-fb:39 nack
            a=rtcp-fb:39 nack pli
            a=fmtp:39 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=4d001f
            a=rtpmap:40 rtx/90000
            a=fmtp:40 apt=39
            a=rtpmap:41 H264/90000
            a=rtcp-fb:41 goog-remb
            a=rtcp-fb:41 transport-cc
            a=rtcp-fb:41 ccm fir
            a=rtcp-fb:41 nack
            a=rtcp-fb:41 nack pli
            a=fmtp:41 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=f4001f
            a=rtpmap:42 rtx/90000
            a=fmtp:42 apt=41
            a=rtpmap:43 H264/90000
            a=rtcp-fb:43 goog-remb
            a=rtcp-fb:43 transport-cc
            a=rtcp-fb:43 ccm fir
            a=rtcp-fb:43 nack
            a=rtcp-fb:43 nack pli
            a=fmtp:43 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=f4001f
            a=rtpmap:44 rtx/90000
            a=fmtp:44 apt=43
            a=rtpmap:45 AV1/90000
            a=rtcp-fb:45 goog-remb
            a=rtcp-fb:45 transport-cc
            a=rtcp-fb:45 ccm fir
            a=rtcp-fb:45 nack
            a=rtcp-fb:45 nack pli
            a=fmtp:45 level-idx=5;profile=0;tier=0
            a=rtpmap:46 rtx/90000
            a=fmtp:46 apt=45
            a=rtpmap:47 AV1/90000
            a=rtcp-fb:47 goog-remb
            a=rtcp-fb:47 transport-cc
            a=rtcp-fb:47 ccm fir
            a=rtcp-fb:47 nack
            a=rtcp-fb:47 nack pli
            a=fmtp:47 level-idx=5;profile=1;tier=0
            a=rtpmap:48 rtx/90000
            a=fmtp:48 apt=47
            a=rtpmap:118 red/90000
            a=rtpmap:119 rtx/90000
            a=fmtp:119 apt=118
            a=rtpmap:120 ulpfec/90000
            a=rtpmap:49 flexfec-03/90000
            a=rtcp-fb:49 goog-remb
            a=rtcp-fb:49 transport-cc
            a=fmtp:49 repair-window=10000000
            m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
            c=IN IP4 0.0.0.0
            a=rtcp:9 IN IP4 0.0.0.0
            a=ice-ufrag:1EAs
            a=ice-pwd:SHFIyhHvc+qYxqgI+PN12aSF
            a=ice-options:trickle
            a=fingerprint:sha-256 9E:74:42:C5:31:8E:86:30:CB:A1:B7:0B:A7:A7:32:93:E4:16:F8:D6:57:4F:A9:AC:1A:6A:03:4F:87:F5:01:69
            a=setup:actpass
            a=mid:1
            a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level
            a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
            a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
            a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid
            a=recvonly
            a=rtcp-mux
            a=rtcp-rsize
            a=rtcp-xr:rcvr-rtt=all
            a=rtpmap:111 opus/48000/2
            a=rtcp-fb:111 transport-cc
            a=fmtp:111 minptime=10;useinbandfec=1
            a=rtpmap:63 red/48000/2
            a=fmtp:63 111/111
            a=rtpmap:9 G722/8000
            a=rtpmap:0 PCMU/8000
            a=rtpmap:8 PCMA/8000
            a=rtpmap:13 CN/8000
            a=rtpmap:110 telephone-event/48000
            a=rtpmap:126 telephone-event/8000

            """.replacing("\n", with: "\r\n"),
        usernameFragment: "1EAs", fingerprintCount: 1, constrainedBaseline: "42e0", midExtensionID: 9,
        transportNumberExtensionID: 4,
        hasRetransmission: true)

    static let firefox = Offer(
        client: "Firefox ESR 153 with a new profile, which has no H.264 yet",
        text: """
            v=0
            o=mozilla...THIS_IS_SDPARTA-99.0 5316934018501167631 0 IN IP4 0.0.0.0
            s=-
            t=0 0
            a=fingerprint:sha-256 21:3E:F5:8A:C2:71:D3:A5:25:D6:5E:BF:B9:53:B9:0C:29:0C:D0:B4:D9:E2:D4:54:C9:A3:CC:26:59:14:12:6C
            a=group:BUNDLE 0 1
            a=ice-options:trickle
            a=msid-semantic:WMS *
            m=video 9 UDP/TLS/RTP/SAVPF 120 124 121 125 99 100 123 122 119
            c=IN IP4 0.0.0.0
            a=recvonly
            a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
            a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
            a=extmap:5 urn:ietf:params:rtp-hdrext:toffset
            a=extmap:6/recvonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
            a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
            a=extmap-allow-mixed
            a=fmtp:120 max-fs=12288;max-fr=60
            a=fmtp:124 apt=120
            a=fmtp:121 max-fs=12288;max-fr=60
            a=fmtp:125 apt=121
            a=fmtp:100 apt=99
            a=fmtp:119 apt=122
            a=ice-pwd:f48a05c953a6b845b276e2bdc1381901
            a=ice-ufrag:7b5f19be
            a=mid:0
            a=rtcp-fb:120 nack
            a=rtcp-fb:120 nack pli
            a=rtcp-fb:120 ccm fir
            a=rtcp-fb:120 goog-remb
            a=rtcp-fb:120 transport-cc
            a=rtcp-fb:121 nack
            a=rtcp-fb:121 nack pli
            a=rtcp-fb:121 ccm fir
            a=rtcp-fb:121 goog-remb
            a=rtcp-fb:121 transport-cc
            a=rtcp-fb:99 nack
            a=rtcp-fb:99 nack pli
            a=rtcp-fb:99 ccm fir
            a=rtcp-fb:99 goog-remb
            a=rtcp-fb:99 transport-cc
            a=rtcp-fb:123 nack
            a=rtcp-fb:123 nack pli
            a=rtcp-fb:123 ccm fir
            a=rtcp-fb:123 goog-remb
            a=rtcp-fb:123 transport-cc
            a=rtcp-fb:122 nack
            a=rtcp-fb:122 nack pli
            a=rtcp-fb:122 ccm fir
            a=rtcp-fb:122 goog-remb
            a=rtcp-fb:122 transport-cc
            a=rtcp-mux
            a=rtcp-rsize
            a=rtpmap:120 VP8/90000
            a=rtpmap:124 rtx/90000
            a=rtpmap:121 VP9/90000
            a=rtpmap:125 rtx/90000
            a=rtpmap:99 AV1/90000
            a=rtpmap:100 rtx/90000
            a=rtpmap:123 ulpfec/90000
            a=rtpmap:122 red/90000
            a=rtpmap:119 rtx/90000
            a=setup:actpass
            a=ssrc:1113002642 cname:{c0d550a5-e486-4795-b4e0-91681d2ff8d2}
            m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
            c=IN IP4 0.0.0.0
            a=recvonly
            a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
            a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
            a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
            a=extmap:7 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
            a=extmap-allow-mixed
            a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
            a=fmtp:101 0-15
            a=ice-pwd:f48a05c953a6b845b276e2bdc1381901
            a=ice-ufrag:7b5f19be
            a=mid:1
            a=rtcp-fb:109 transport-cc
            a=rtcp-fb:9 transport-cc
            a=rtcp-fb:0 transport-cc
            a=rtcp-fb:8 transport-cc
            a=rtcp-mux
            a=rtpmap:109 opus/48000/2
            a=rtpmap:9 G722/8000/1
            a=rtpmap:0 PCMU/8000
            a=rtpmap:8 PCMA/8000
            a=rtpmap:101 telephone-event/8000/1
            a=setup:actpass
            a=ssrc:263001506 cname:{c0d550a5-e486-4795-b4e0-91681d2ff8d2}

            """.replacing("\n", with: "\r\n"),
        usernameFragment: "7b5f19be", fingerprintCount: 1, constrainedBaseline: "42e0", midExtensionID: 3,
        hasRetransmission: true)

    static let aiortc = Offer(
        client: "aiortc 1.16",
        text: """
            v=0
            o=- 4004963467 4004963467 IN IP4 0.0.0.0
            s=-
            t=0 0
            a=group:BUNDLE 0 1
            a=msid-semantic:WMS *
            m=video 9 UDP/TLS/RTP/SAVPF 97 98 99 100 101 102
            c=IN IP4 0.0.0.0
            a=recvonly
            a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
            a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
            a=mid:0
            a=msid:4ddab243-9d80-4340-bb50-e19599a22d58 8a19351f-7c0c-4065-ba5a-8adfeab6a38f
            a=rtcp:9 IN IP4 0.0.0.0
            a=rtcp-mux
            a=ssrc-group:FID 2192579898 1965028376
            a=ssrc:2192579898 cname:a71809df-4218-479e-857d-914c559244c1
            a=ssrc:1965028376 cname:a71809df-4218-479e-857d-914c559244c1
            a=rtpmap:97 VP8/90000
            a=rtcp-fb:97 nack
            a=rtcp-fb:97 nack pli
            a=rtcp-fb:97 goog-remb
            a=rtpmap:98 rtx/90000
            a=fmtp:98 apt=97
            a=rtpmap:99 H264/90000
            a=rtcp-fb:99 nack
            a=rtcp-fb:99 nack pli
            a=rtcp-fb:99 goog-remb
            a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
            a=rtpmap:100 rtx/90000
            a=fmtp:100 apt=99
            a=rtpmap:101 H264/90000
            a=rtcp-fb:101 nack
            a=rtcp-fb:101 nack pli
            a=rtcp-fb:101 goog-remb
            a=fmtp:101 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
            a=rtpmap:102 rtx/90000
            a=fmtp:102 apt=101
            a=end-of-candidates
            a=ice-ufrag:Jhkx
            a=ice-pwd:MGG4vyMrbRh3WUDehEx9NE
            a=fingerprint:sha-256 87:F6:64:20:06:A4:4E:0B:67:F5:45:83:2B:4A:8A:80:4C:F7:70:55:BD:B8:A2:7D:BD:FA:C8:4D:02:CC:EA:AF
            a=fingerprint:sha-384 75:8A:C1:72:7E:E3:39:52:6C:39:31:BE:06:76:30:63:BE:40:A8:7F:F6:24:13:C9:A7:41:6A:66:8D:73:F2:38:F3:F5:C1:45:86:91:16:DC:81:B6:87:B9:5F:CE:6E:27
            a=fingerprint:sha-512 D5:7A:FE:9F:04:8E:10:79:DF:37:84:EB:89:8B:03:8E:73:10:4B:96:4B:36:F1:87:53:4D:06:37:CB:85:1A:46:21:5E:21:99:92:1B:CA:9A:8C:1A:E4:BE:DA:1C:06:EF:09:9A:8D:89:EC:CD:11:CF:65:2D:52:AF:92:22:CB:B8
            a=setup:actpass
            m=audio 9 UDP/TLS/RTP/SAVPF 96 9 0 8
            c=IN IP4 0.0.0.0
            a=recvonly
            a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
            a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level
            a=mid:1
            a=msid:4ddab243-9d80-4340-bb50-e19599a22d58 8f8ed7c0-76c5-4f6b-8ff3-fa236dfe4abc
            a=rtcp:9 IN IP4 0.0.0.0
            a=rtcp-mux
            a=ssrc:2893685282 cname:a71809df-4218-479e-857d-914c559244c1
            a=rtpmap:96 opus/48000/2
            a=rtpmap:9 G722/8000
            a=rtpmap:0 PCMU/8000
            a=rtpmap:8 PCMA/8000
            a=end-of-candidates
            a=ice-ufrag:Jhkx
            a=ice-pwd:MGG4vyMrbRh3WUDehEx9NE
            a=fingerprint:sha-256 87:F6:64:20:06:A4:4E:0B:67:F5:45:83:2B:4A:8A:80:4C:F7:70:55:BD:B8:A2:7D:BD:FA:C8:4D:02:CC:EA:AF
            a=fingerprint:sha-384 75:8A:C1:72:7E:E3:39:52:6C:39:31:BE:06:76:30:63:BE:40:A8:7F:F6:24:13:C9:A7:41:6A:66:8D:73:F2:38:F3:F5:C1:45:86:91:16:DC:81:B6:87:B9:5F:CE:6E:27
            a=fingerprint:sha-512 D5:7A:FE:9F:04:8E:10:79:DF:37:84:EB:89:8B:03:8E:73:10:4B:96:4B:36:F1:87:53:4D:06:37:CB:85:1A:46:21:5E:21:99:92:1B:CA:9A:8C:1A:E4:BE:DA:1C:06:EF:09:9A:8D:89:EC:CD:11:CF:65:2D:52:AF:92:22:CB:B8
            a=setup:actpass

            """.replacing("\n", with: "\r\n"),
        usernameFragment: "Jhkx", fingerprintCount: 3, constrainedBaseline: "42e0", midExtensionID: 1,
        hasRetransmission: true)

    // MARK: H.265, where the computer decodes it

    /// The formats that Chrome 144 adds on macOS (github.com/algesten/str0m/issues/860): all that its decoder takes.
    static let chromeWithH265 = withH265(
        """
        a=rtpmap:50 H265/90000
        a=rtcp-fb:50 nack
        a=rtcp-fb:50 nack pli
        a=fmtp:50 level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST
        a=rtpmap:51 rtx/90000
        a=fmtp:51 apt=50
        a=rtpmap:52 H265/90000
        a=rtcp-fb:52 nack
        a=rtcp-fb:52 nack pli
        a=fmtp:52 level-id=180;profile-id=2;tier-flag=0;tx-mode=SRST
        a=rtpmap:53 rtx/90000
        a=fmtp:53 apt=52

        """)

    /// That of Safari 18, of which it says nothing (github.com/awslabs/amazon-kinesis-video-streams-webrtc-sdk-c/pull/1965).
    static let safariWithH265 = withH265(
        """
        a=rtpmap:50 H265/90000
        a=rtcp-fb:50 nack
        a=rtcp-fb:50 nack pli
        a=rtpmap:51 rtx/90000
        a=fmtp:51 apt=50

        """)

    /// Chromium's offer with further formats, those of 50 to 53.
    private static func withH265(_ lines: String) -> String {
        let line = "a=rtpmap:118 red/90000\r\n"
        return chromium.text.replacing("SAVPF 96 97 ", with: "SAVPF 96 97 50 51 52 53 ")
            .replacing(line, with: lines.replacing("\n", with: "\r\n") + line)
    }
}

import StreamProtocols
import Testing

@Suite struct SessionDescriptionTests {
    static func parse(_ text: String) throws -> SessionDescription {
        try SessionDescription(parsing: text.utf8)
    }

    /// RFC 4566 §5.
    static let example = """
        v=0\r
        o=jdoe 2890844526 2890842807 IN IP4 10.47.16.5\r
        s=SDP Seminar\r
        i=A Seminar on the session description protocol\r
        u=http://www.example.com/seminars/sdp.pdf\r
        e=j.doe@example.com (Jane Doe)\r
        c=IN IP4 224.2.17.12/127\r
        t=2873397496 2873404696\r
        a=recvonly\r
        m=audio 49170 RTP/AVP 0\r
        m=video 51372 RTP/AVP 99\r
        a=rtpmap:99 h263-1998/90000\r

        """

    @Test func readsTheStandardsExample() throws {
        let description = try Self.parse(Self.example)
        #expect(
            description
                == SessionDescription(
                    origin: .init(
                        userName: "jdoe",
                        sessionID: "2890844526",
                        sessionVersion: "2890842807",
                        address: "10.47.16.5"
                    ),
                    name: "SDP Seminar",
                    information: "A Seminar on the session description protocol",
                    connection: "IN IP4 224.2.17.12/127",
                    timing: "2873397496 2873404696",
                    attributes: [SDPAttribute("recvonly")],
                    media: [
                        MediaDescription(kind: .audio, port: 49170, formats: ["0"]),
                        MediaDescription(
                            kind: .video,
                            port: 51372,
                            formats: ["99"],
                            attributes: [SDPAttribute("rtpmap", "99 h263-1998/90000")]
                        ),
                    ]
                )
        )
        let map = description.media.last?.rtpMap(for: 99)
        #expect(map == SDPRTPMap(payloadType: 99, encodingName: "h263-1998", clockRate: 90_000))
    }

    @Test func writesTheStandardsExampleWithoutContacts() throws {
        let withoutContacts = Self.example.split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("u=") && !$0.hasPrefix("e=") }.joined(separator: "\r\n")
        #expect(try Self.parse(Self.example).serialized() == withoutContacts)
    }

    @Test func acceptsAnyLineEnd() throws {
        let expected = try Self.parse(Self.example)
        for end in ["\n", "\r", "\r\n\r\n", "\r\0\n"] {
            let variant = Self.example.split(separator: "\r\n").joined(separator: end)
            #expect(try Self.parse(variant) == expected)
        }
    }

    @Test(arguments: CameraDescriptions.all) func readsCameras(sample: CameraDescriptions.Sample) throws {
        let description = try Self.parse(sample.text)
        let video = try #require(description.media.first { $0.kind == .video })
        #expect(video.control == sample.control)
        #expect(description.media.contains { $0.kind == .audio } == sample.hasAudio)

        let track = try RTPFormat(media: video)
        #expect(track.media.videoCodec == .h264)
        #expect(track.payloadType == sample.payloadType)
        let picture = try #require(track.media.pictureFormat)
        #expect(picture.width == sample.size?.width)
        #expect(picture.height == sample.size?.height)

        let written = try Self.parse(description.serialized())
        #expect(written == description)
        #expect(try RTPFormat(media: #require(written.media.first { $0.kind == .video })) == track)
    }

    @Test func readsADescriptionWithoutVersion() throws {
        // gortsplib issue 448.
        let description = try Self.parse("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n")
        let track = try RTPFormat(media: #require(description.media.first))
        #expect(track == RTPFormat(.h264(nil), payloadType: 96))
    }

    @Test func readsAUserNameWithASpace() throws {
        // gortsplib sdpunmarshaler_test.go: MediaMTX issue 127 (Amcrest).
        let origin = try Self.parse("v=0\r\no=RTSP Session 1 2 IN IP4 0.0.0.0\r\ns=Sony RTSP Server\r\n").origin
        #expect(origin == .init(userName: "RTSP Session", sessionID: "1", sessionVersion: "2", address: "0.0.0.0"))
    }

    @Test func takesTheFirstPayloadTypeThatCanBePlayed() throws {
        // gortsplib sdpunmarshaler_test.go: gortsplib issue 85 (FLIR), shortened.
        let description = try Self.parse(
            """
            v=0
            t=now-
            m=video 0 RTP/AVP 96 111 112
            a=rtpmap:96 MP4V-ES/90000
            a=fmtp:96 profile-level-id=1;config=000001B002000001B59113
            a=rtpmap:111 H264/90000
            a=fmtp:111 profile-level-id=42001E;packetization-mode=1;sprop-parameter-sets=Z0IAHqtAUB7I,aM4xEg==
            a=rtpmap:112 H264/90000
            a=fmtp:112 profile-level-id=42001E;packetization-mode=1;sprop-parameter-sets=Z0IAHqtAoPyA,aM4xEg==
            """
        )
        let track = try RTPFormat(media: #require(description.media.first))
        #expect(track.payloadType == 111)
        #expect(track.media == .h264(H264ParameterSets(spropParameterSets: "Z0IAHqtAUB7I,aM4xEg==")))
    }

    @Test func namesTheCodecThatItCannotPlay() {
        let media = MediaDescription(
            kind: .video,
            formats: ["96"],
            attributes: [SDPAttribute("rtpmap", "96 VP9/90000")]
        )
        #expect(throws: RTPFormatError.unsupportedCodec(name: "VP9")) { try RTPFormat(media: media) }
        #expect(throws: RTPFormatError.noFormat) {
            try RTPFormat(media: MediaDescription(kind: .video, formats: ["x", "128"]))
        }
        let interleaved = MediaDescription(
            kind: .video,
            formats: ["97"],
            attributes: [SDPAttribute("rtpmap", "97 H264/90000"), SDPAttribute("fmtp", "97 packetization-mode=2")]
        )
        #expect(throws: RTPFormatError.unsupportedPacketizationMode(2)) { try RTPFormat(media: interleaved) }
    }

    @Test func describesATrack() throws {
        let sets = try #require(H264ParameterSets(spropParameterSets: "Z0IACpZTBYmI,aMljiA=="))
        let media = RTPFormat(.h264(sets), payloadType: 98).mediaDescription(control: "trackID=0")
        let description = SessionDescription(name: "x\r\na=injected", media: [media])
        // fmtp: the example of RFC 6184 §8.2.1.
        #expect(
            description.serialized() == """
                v=0\r
                o=- 0 0 IN IP4 127.0.0.1\r
                s=x  a=injected\r
                t=0 0\r
                m=video 0 RTP/AVP 98\r
                a=rtpmap:98 H264/90000\r
                a=fmtp:98 packetization-mode=1; sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==; profile-level-id=42000A\r
                a=control:trackID=0\r

                """
        )
        #expect(try RTPFormat(media: media) == RTPFormat(.h264(sets), payloadType: 98))
    }

    @Test func describesAnH265Track() throws {
        // The description by which ffmpeg 5.1 announces the sample: three sprop parameters (RFC 7798 §7.1).
        let description = try Self.parse(
            """
            v=0
            m=video 0 RTP/AVP 96
            a=rtpmap:96 H265/90000
            a=fmtp:96 sprop-vps=QAEMAf//AWAAAAMAkAAAAwAAAwBdugJA; \
            sprop-sps=QgEBAWAAAAMAkAAAAwAAAwBdoAKAgC0WW6SkwvAWgIAAAAMAgAAADIQ=; sprop-pps=RAHAcYMS
            a=control:streamid=0
            """
        )
        let track = try RTPFormat(media: #require(description.media.first))
        #expect(track == RTPFormat(.h265(H265Samples.plain), payloadType: 96))
        let media = track.mediaDescription(control: "trackID=0")
        #expect(try RTPFormat(media: media) == track)
        #expect(track.media.pictureFormat?.width == 1280)
        // Nothing to say is not said, and a stream out of decoding order can't be read.
        let plain = RTPFormat(.h265(nil)).mediaDescription()
        #expect(plain.attributes.map(\.name) == ["rtpmap"])
        let unordered = MediaDescription(
            kind: .video, formats: ["96"],
            attributes: [SDPAttribute("rtpmap", "96 H265/90000"), SDPAttribute("fmtp", "96 sprop-max-don-diff=4")])
        #expect(throws: RTPFormatError.unsupportedDecodingOrder(maxDONDifference: 4)) {
            try RTPFormat(media: unordered)
        }
    }

    @Test func refusesWhatIsNoDescription() {
        #expect(throws: SDPError.notADescription) { try Self.parse("") }
        #expect(throws: SDPError.notADescription) { try Self.parse("<html>not found</html>") }
        #expect(throws: SDPError.malformedMedia("video 0")) { try Self.parse("v=0\nm=video 0\n") }
        #expect(throws: SDPError.tooLong(byteCount: 65_537, limit: 65_536)) {
            try SessionDescription(parsing: [UInt8](repeating: 0x20, count: 65_537))
        }
        #expect(throws: SDPError.tooManyLines(limit: 2000)) {
            try Self.parse("v=0\n" + String(repeating: "a=x\n", count: 2000))
        }
        #expect(throws: SDPError.tooManyMedia(limit: 64)) {
            try Self.parse("v=0\n" + String(repeating: "m=video 0 RTP/AVP 96\n", count: 65))
        }
    }

    @Test func damagedDescriptionsNeverTrapAndAcceptedOnesAreStable() throws {
        let seeds = CameraDescriptions.all.map { [UInt8]($0.text.utf8) } + [[UInt8](Self.example.utf8)]
        for bytes in Mutations(of: seeds, count: 600) {
            guard let description = try? SessionDescription(parsing: bytes) else { continue }
            for media in description.media {
                if let track = try? RTPFormat(media: media) {
                    let again = try RTPFormat(media: track.mediaDescription(control: media.control))
                    #expect(again == track.served)
                }
                _ = media.direction
            }
            let written = description.serialized()
            #expect(try Self.parse(written).serialized() == written)
        }
    }
}

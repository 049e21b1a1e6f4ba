import StreamProtocols
import Testing

@Suite struct MediaDescriptionTests {
    @Test func readsFormatParametersHoweverTheyAreSpaced() {
        let media = MediaDescription(
            kind: .video,
            formats: ["96"],
            attributes: [
                SDPAttribute("fmtp", "97 config=1"),
                SDPAttribute("fmtp", "96 Packetization-Mode=1 ;sprop-parameter-sets=YQ==,Yg==; ; flag; x=1;x=2"),
            ]
        )
        #expect(
            media.formatParameters(for: 96)
                == ["packetization-mode": "1", "sprop-parameter-sets": "YQ==,Yg==", "flag": "", "x": "1"]
        )
        #expect(media.formatParameters(for: 98).isEmpty)
    }

    @Test func readsMaps() {
        #expect(SDPRTPMap(parsing: "97 MPEG4-GENERIC/48000/2")?.channels == 2)
        #expect(SDPRTPMap(parsing: "0 PCMU/8000")?.clockRate == 8000)
        #expect(SDPRTPMap(parsing: "96 H265/90000 ")?.clockRate == 90_000)
        for malformed in [
            "", "96", "96 H264", "128 H264/90000", "96 H264/0", "96 H264/-1", "96 H264/9223372036854775807",
            "96 /90000", "x H264/90000",
        ] {
            #expect(SDPRTPMap(parsing: malformed) == nil, "\(malformed)")
        }
    }

    /// 63 kB that once cost seconds: all payload types over and over, and as many attributes as fit.
    @Test(.timeLimit(.minutes(1))) func aHostileDescriptionCostsLinearTime() throws {
        let types = (0..<10_000).map { String($0 % 128) }.joined(separator: " ")
        let attributes = (0..<1900).map { "a=rtpmap:\($0 % 128) x/1" }.joined(separator: "\n")
        let text = "v=0\nm=video 0 RTP/AVP \(types)\n\(attributes)\n"
        let media = try #require(try SessionDescription(parsing: [UInt8](text.utf8)).media.first)
        #expect(media.payloadTypes == (0..<128).map { $0 })
        let started = ContinuousClock.now
        #expect(throws: RTPFormatError.unsupportedCodec(name: "x")) { try RTPFormat(media: media) }
        #expect(ContinuousClock.now - started < .milliseconds(500))
    }

    @Test(arguments: ["H264", "H265"]) func theClockOfVideoIsNoChoice(name: String) throws {
        let media = MediaDescription(
            kind: .video, formats: ["96"], attributes: [SDPAttribute("rtpmap", "96 \(name)/48000")])
        let codec = try #require(VideoCodec(encodingName: name))
        let error = RTPFormatError.unsupportedClockRate(codec, clockRate: 48_000)
        #expect(throws: error) { try RTPFormat(media: media) }
        #expect(
            error.description
                == "\(name) with an RTP clock rate of 48000 Hz is not supported; set the sender to 90000 Hz.")
    }

    /// A combining mark behind a separator makes one Character of both.
    @Test func separatorsAreBytes() {
        let media = MediaDescription(
            kind: .video, formats: ["96"], attributes: [SDPAttribute("fmtp", "96 a=\u{301}x;\u{301}b=1")])
        #expect(media.formatParameters(for: 96) == ["a": "\u{301}x", "\u{301}b": "1"])
    }

    @Test func tellsTheDirection() {
        let media = MediaDescription(kind: .video, formats: ["96"], attributes: [SDPAttribute("recvonly")])
        #expect(media.direction == .receiveOnly)
        #expect(MediaDescription(kind: .audio, formats: []).direction == nil)
    }
}

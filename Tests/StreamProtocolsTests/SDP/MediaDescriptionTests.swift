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
        for malformed in ["", "96", "96 H264", "128 H264/90000", "96 H264/0", "96 /90000", "x H264/90000"] {
            #expect(SDPRTPMap(parsing: malformed) == nil, "\(malformed)")
        }
    }

    @Test func tellsTheDirection() {
        let media = MediaDescription(kind: .video, formats: ["96"], attributes: [SDPAttribute("recvonly")])
        #expect(media.direction == .receiveOnly)
        #expect(MediaDescription(kind: .audio, formats: []).direction == nil)
    }
}

import StreamModel
import Testing

@Suite struct LocalMicrophoneTests {
    /// /proc/asound/pcm of a computer with a sound card, a USB camera and a device whose maker likes ALSA's words.
    private static let files = [
        "/proc/asound/pcm": """
        00-00: ALC269VC Analog : ALC269VC Analog : playback 1 : capture 1
        00-03: HDMI 0 : HDMI 0 : playback 1
        01-00: USB Audio : USB Audio : capture 1
        02-00: odd name : odd name : capture 1
        03-00: capture : capture : playback 1
        04-00: no name : no name : capture 1
        nonsense
        : : : capture

        """,
        "/proc/asound/card0/id": "PCH\n", "/proc/asound/card1/id": "C920\n", "/proc/asound/card2/id": "a'b\n",
    ]

    @Test func devicesThatCaptureAreOffered() {
        let found = LocalMicrophone.present { Self.files[$0] }
        #expect(
            found.map(\.address) == ["alsa:plughw:CARD=PCH,DEV=0", "alsa:plughw:CARD=C920,DEV=0", "alsa:plughw:4,0"])
        #expect(found.map(\.name) == ["PCH: ALC269VC Analog", "C920: USB Audio", "no name"])
        #expect(LocalMicrophone.present { _ in nil } == [])
    }

    @Test func aCardIsFoundByItsNameAndItsNumber() throws {
        let camera = try #require(LocalMicrophone.present { Self.files[$0] }.dropFirst().first)
        #expect(camera.isOfCard("C920") && camera.isOfCard("1") && !camera.isOfCard("PCH") && !camera.isOfCard("0"))
        #expect(MicrophoneAddress.card(in: camera.address) == "C920")
        #expect(MicrophoneAddress.card(in: "alsa:hw:1,0") == "1" && MicrophoneAddress.card(in: "alsa:front:2") == "2")
        #expect(MicrophoneAddress.card(in: "alsa:default") == nil && MicrophoneAddress.card(in: "hw:1,0") == nil)
    }
}

import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct SoundVersionTests {
    private static let aac = RTPFormat(.aac(AACConfiguration([0x11, 0x90])!))
    private static let opus = RTPFormat(.opus(channelCount: 1))
    private static let mp3 = RTPFormat(.mp3(nil))
    private static let g726 = RTPFormat(
        .generic(GenericFormat(kind: .audio, encodingName: "G726-32", clockRate: 8000)))
    private static let linear = RTPFormat(
        .generic(GenericFormat(kind: .audio, encodingName: "L16", clockRate: 16_000, channelCount: 2)))
    private static let wide = RTPFormat(.g711(.mu, sampleRate: 16_000, channelCount: 1))

    private func names(
        _ settings: AudioSettings, _ protocols: Set<OutputProtocol>, _ camera: RTPFormat?
    ) -> [String] {
        PathSound(settings, for: protocols).versions(of: KnownSound(camera)).map(Self.name)
    }

    private static func name(_ version: SoundVersion) -> String {
        guard let encoding = version.encoding else { return "copied" }
        return "\(encoding.isSilent ? "silent " : "")\(encoding.codec) \(encoding.sampleRate) \(encoding.channelCount)"
    }

    @Test(
        arguments: [
            ([.rtsp], Sounds.format, ["copied"]), ([.rtsp], g726, ["copied"]), ([.rtsp], aac, ["copied"]),
            ([.hls], Sounds.format, ["aac 48000 1"]), ([.hls], aac, ["copied"]), ([.hls], mp3, ["aac 48000 2"]),
            ([.hls], opus, ["aac 48000 1"]), ([.hls], linear, ["aac 48000 2"]),
            ([.hls, .rtsp], Sounds.format, ["aac 48000 1"]), ([.hls, .rtsp], aac, ["copied"]),
            ([.webrtc], Sounds.format, ["copied"]), ([.webrtc], opus, ["copied"]), ([.webrtc], aac, ["opus 48000 2"]),
            ([.webrtc], wide, ["opus 48000 1"]),
            ([.hls, .rtsp], mp3, ["aac 48000 2"]), ([.rtsp], mp3, ["copied"]), ([.rtsp], linear, ["aac 48000 2"]),
            // What everybody plays first, and what WebRTC takes behind it.
            ([.rtsp, .webrtc], aac, ["copied", "opus 48000 2"]),
            ([.hls, .webrtc], Sounds.format, ["aac 48000 1", "copied"]),
            ([.hls, .rtsp, .webrtc], g726, ["aac 48000 1", "opus 48000 1"]), ([.rtsp, .webrtc], opus, ["copied"]),
        ] as [(Set<OutputProtocol>, RTPFormat, [String])])
    func byItselfSoundIsEncodedOnlyWhereItIsNotCarried(
        protocols: Set<OutputProtocol>, camera: RTPFormat, expected: [String]
    ) {
        #expect(names(.auto, protocols, camera) == expected)
    }

    /// Its silence is sound too, which MediaMTX would not put there.
    @Test func byHLSOfAnEngineThatLeavesHolesAllSoundIsEncoded() {
        func names(_ choice: AudioChoice, _ protocols: Set<OutputProtocol>) -> [String] {
            PathSound(AudioSettings(choice), for: protocols, leavesHoles: true).versions(of: .format(Self.aac))
                .map(Self.name)
        }
        #expect(names(.auto, [.hls]) == ["aac 48000 2"])
        #expect(names(.auto, [.hls, .rtsp]) == ["aac 48000 2"])
        #expect(names(.auto, [.rtsp]) == ["copied"])
        #expect(names(.copy, [.hls]) == ["copied"])
    }

    @Test func whatIsAskedForIsEncodedWhateverTheCameraSends() {
        for camera in [nil, Sounds.format, Self.aac] {
            let channels = camera == Self.aac ? 2 : 1
            #expect(names(AudioSettings(.aac), [.rtsp], camera) == ["aac 48000 \(channels)"])
            #expect(names(AudioSettings(.opus, channelCount: 2), [.webrtc], camera) == ["opus 48000 2"])
            #expect(names(AudioSettings(.mp3, sampleRate: 22_050), [.hls], camera) == ["mp3 22050 \(channels)"])
            #expect(names(AudioSettings(.pcmu), [.rtsp], camera) == ["pcmu 8000 1"])
            #expect(names(AudioSettings(.silence), [.hls, .rtsp], camera) == ["silent aac 48000 1"])
            #expect(names(AudioSettings(.silence), [.webrtc], camera) == ["silent opus 48000 1"])
            #expect(names(AudioSettings(.off), [.rtsp], camera) == [])
        }
        #expect(names(AudioSettings(.copy), [.hls], Sounds.format) == ["copied"])
        #expect(names(AudioSettings(.copy), [.hls], nil) == [] && names(.auto, [.hls], nil) == [])
    }

    @Test func onlyWhatDependsOnTheCameraWaitsForIt() {
        for (settings, depends) in [
            (AudioSettings.auto, true), (AudioSettings(.copy), true), (AudioSettings(.aac), true),
            (AudioSettings(.aac, channelCount: 1), false), (AudioSettings(.pcma), false),
            (AudioSettings(.silence), false),
            (.off, false),
        ] {
            #expect(PathSound(settings, for: [.rtsp]).dependsOnCamera == depends)
        }
    }

    /// Two paths of one rendition share what is equal, and each is told of its own.
    @Test func eachPathIsToldOfItsOwn() throws {
        let paths = [
            PathSound(.auto, for: [.rtsp]), PathSound(.auto, for: [.hls]), PathSound(.off, for: [.rtsp]),
            PathSound(AudioSettings(.aac), for: [.hls, .rtsp]),
        ]
        var stream = PublishedStream(
            .h264, origin: .now, sounds: PublishedSounds(of: .format(Sounds.format), for: paths))
        let sets: [ArraySlice<UInt8>] = [[0x67, 0x64, 0x00, 0x1F, 0xAC], [0x68, 0xEE, 0x3C, 0x80], [0x65, 1]]
        func describe() throws -> StreamDescription {
            try #require(stream.picture(Sample(nalUnits: sets, presentationTime: 0, isRandomAccess: true)).stream)
        }
        let described = try describe()
        #expect(described.formats.map(\.media.name) == ["H264", "G711", "MPEG-4 Audio"])
        #expect(
            paths.map { described.limited(to: $0).formats.map(\.media.name) } == [
                ["H264", "G711"], ["H264", "MPEG-4 Audio"], ["H264"], ["H264", "MPEG-4 Audio"],
            ])
        // Who goes on with its sound keeps its number, because that is where its viewers get it.
        stream.sounds = PublishedSounds(of: .format(Sounds.format), for: [paths[1]])
        let fewer = try describe()
        #expect(fewer.tracks.map(\.number) == [0, 2])
        #expect(fewer.isCompatible(with: described.limited(to: paths[1])))
        #expect(!fewer.isCompatible(with: described))
        #expect(
            stream.sound(Sample(frame: [1], presentationTime: 0), .copied, Sounds.format) == nil,
            "nobody is told of it any more")
    }

    @Test func soundThatOnlyADecoderUnderstandsIsKnownAgain() throws {
        for format in [Self.g726, Self.linear, Sounds.format, Self.aac] {
            let text = try #require(KnownSound(format).text)
            #expect(KnownSound(text: text) == .format(format))
        }
        let unknown =
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 SPEEX/8000\r\n"
        #expect(KnownSound(text: unknown) == .unknown)
    }
}

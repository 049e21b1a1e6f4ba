import MediaKit
import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

/// Which cameras are passed on without decoding. The parameter sets were made by libx264 164.
@Suite struct CopyTermsTests {
    /// A sequence parameter set of `testsrc2` at 25 fps.
    enum Sample: String {
        /// 1280×720, `-bf 0`
        case plain = "6764001facb402802dd808800000030080000019078c1950"
        /// 1280×720, `-bf 2`
        case reordered = "6764001facd9405005bb011000000300100000030320f1831960"
        /// 1280×720, `interlaced=1`
        case interlaced = "67640020ace80500bbf2e022000003000200000300643e2c5d40"
        /// 1280×720, `yuv420p10le`
        case tenBits = "676e001fa6cb402802dd80880000030008000003019078c195"
        /// 1920×1080, which H.264 codes as 1088 rows of which 8 are cropped
        case full = "67640028acb403c0113f2e0220000003002000000641e30654"

        var bytes: [UInt8] {
            let digits = Array(rawValue)
            return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        }
    }

    private static func facts(
        _ sample: Sample = .plain, codec: String = "h264", _ change: (inout CameraFacts) -> Void = { _ in }
    ) throws -> CameraFacts {
        var facts = CameraFacts(codec: codec)
        facts.picture = MediaFormat.h264(H264ParameterSets(sps: sample.bytes, pps: [0x68])).pictureFormat
        facts.framesPerSecond = 25
        facts.bitrateKbps = 2000
        facts.keyframeSeconds = 2
        facts.packetCount = 10
        change(&facts)
        return facts
    }

    private static let standard = CopyTerms(size: .init(width: 1280, height: 720), fps: 25, bitrateKbps: 2500)
    private static let route = CopyRoute(
        cameraID: "c", pipelineID: "p", writerID: "p:s", priority: 0, reducerFPS: nil, isForced: false)

    private func objection(
        _ facts: CameraFacts, _ terms: CopyTerms = standard, reducerFPS: Double? = nil, isCopied: Bool = false
    ) -> String? {
        var route = Self.route
        route.reducerFPS = reducerFPS
        return terms.verdict(on: facts, route: route, isCopied: isCopied).objection?.text
    }

    /// The codec alone decides: the rest is that of a camera that could be copied.
    @Test(
        arguments: [
            ([.rtsp], false, nil), ([.rtsp], true, nil), ([.rtsp, .hls], true, nil), ([.hls], true, nil),
            ([.rtsp, .hls], false, "force_on"), ([.hls], false, "force_on"),
            ([.rtsp, .webrtc], true, "WebRTC"), ([.webrtc], false, "WebRTC"),
            ([.rtsp, .hls, .webrtc], false, "WebRTC"),
        ] as [(Set<OutputProtocol>, Bool, String?)])
    func h265IsCopiedForThoseWhoCanChooseTheirPlayer(
        protocols: Set<OutputProtocol>, isForced: Bool, expected: String?
    ) throws {
        var route = Self.route
        route.isForced = isForced
        let verdict = CopyTerms(protocols: protocols).verdict(
            on: try Self.facts(codec: "hevc"), route: route, isCopied: false)
        if let expected {
            #expect(
                verdict.objection?.text.contains("H.265") == true && verdict.objection?.text.contains(expected) == true)
        } else {
            #expect(verdict == .copy)
        }
        #expect(CopyTerms(protocols: protocols).allowsH265(isForced: isForced) == (expected == nil))
    }

    /// Those who can't play it by WebRTC have another rendition.
    @Test(
        arguments: [
            ([.webrtc], false, true), ([.rtsp, .webrtc], false, true), ([.rtsp, .hls, .webrtc], false, false),
            ([.rtsp, .hls, .webrtc], true, true),
        ] as [(Set<OutputProtocol>, Bool, Bool)])
    func h265IsCopiedForThoseWhoTakeItByWebRTC(
        protocols: Set<OutputProtocol>, isForced: Bool, isCopied: Bool
    ) throws {
        var route = Self.route
        route.isForced = isForced
        let terms = CopyTerms(protocols: protocols, webRTC: .takersOfH265)
        let verdict = terms.verdict(on: try Self.facts(codec: "hevc"), route: route, isCopied: false)
        #expect((verdict == .copy) == isCopied && terms.allowsH265(isForced: isForced) == isCopied)
    }

    /// They ask for what the output asks for, in H.264.
    @Test func thoseWhoDoNotAskForTheSameInH264() throws {
        let output = try TransmissionOutput(json: [
            "id": "w", "protocol": "webrtc", "resolution": ["width": 1280, "height": 720], "fps_limit": 25,
        ])
        let destination = try StreamDestination(json: [
            "id": "d", "kind": "rtmp", "address": "rtmp://host/app", "fps_limit": 25, "bitrate_kbps": 500,
        ])
        var encoding = Encoding(of: output)
        #expect(CopyTerms(encoding, outputs: [output], webRTC: .takersOfH265).codec == nil)
        encoding.video.codec = .h264
        let terms = CopyTerms(encoding, outputs: [output], destinations: [destination], webRTC: .rest)
        #expect(terms.size == Resolution(width: 1280, height: 720) && terms.fps == 25 && terms.protocols == [.webrtc])
        let h264 = terms.verdict(on: try Self.facts(), route: Self.route, isCopied: false)
        #expect(h264 == .copy, "what the camera sends in H.264 is passed on to them too")
        let h265 = terms.verdict(on: try Self.facts(codec: "hevc"), route: Self.route, isCopied: false)
        #expect(h265.objection?.code == "copy_other_codec")
    }

    @Test(
        arguments: [
            (.h265, "hevc", true), (.h265, "h264", false), (.h264, "hevc", false), (.h264, "h264", true),
            (.h265, "mpeg4", false),
        ] as [(PictureCodec, String, Bool)])
    func aCodecThatIsNamedIsTheOnlyOne(wanted: PictureCodec, sent: String, isCopied: Bool) throws {
        let terms = CopyTerms(protocols: [.hls, .rtsp], codec: wanted)
        let verdict = terms.verdict(on: try Self.facts(codec: sent), route: Self.route, isCopied: false)
        #expect((verdict == .copy) == isCopied)
        #expect(isCopied || verdict.objection?.code == "copy_other_codec")
    }

    @Test func whatIsNotKnownYetIsWaitedFor() throws {
        let terms = CopyTerms(protocols: [.rtsp])
        func verdict(_ facts: CameraFacts) -> CopyVerdict {
            terms.verdict(on: facts, route: Self.route, isCopied: false)
        }
        let unknown = verdict(try Self.facts { $0.picture = nil })
        guard case .wait = unknown else {
            Issue.record("a camera without parameters is not waited for")
            return
        }
        #expect(unknown.objection?.text == "the camera has not sent its parameters yet")
        guard case .wait = verdict(try Self.facts(.reordered)) else {
            Issue.record("a camera that announces B-frames is not waited for")
            return
        }
        // H.265 has to say so, and does not say it without need.
        #expect(
            verdict(try Self.facts(.reordered, codec: "hevc") { $0.packetCount = 1000 })
                == .encode(CodedMessage("copy_announced_b_frames", "the camera announces B-frames")))
        guard case .encode = verdict(try Self.facts(.interlaced) { $0.packetCount = 1 }) else {
            Issue.record("an interlaced picture becomes no other")
            return
        }
    }

    @Test func whatIsEqualIsCopied() throws {
        #expect(objection(try Self.facts()) == nil)
        // What an output leaves open asks for nothing.
        #expect(objection(try Self.facts(.full) { $0.framesPerSecond = 30 }, CopyTerms()) == nil)
        // Nothing has been measured yet.
        #expect(
            objection(
                try Self.facts {
                    $0.framesPerSecond = nil
                    $0.bitrateKbps = nil
                    $0.keyframeSeconds = nil
                }) == nil)
        // An odd size is rounded down to even for the output, and the crop is not counted.
        #expect(objection(try Self.facts(.full), CopyTerms(size: .init(width: 1920, height: 1080))) == nil)
    }

    @Test func whatDiffersIsEncoded() throws {
        #expect(objection(try Self.facts(codec: "hevc"))?.contains("H.265") == true)
        #expect(objection(try Self.facts(codec: "mjpeg"))?.contains("MJPEG") == true)
        #expect(objection(try Self.facts { $0.picture = nil }) != nil)
        #expect(objection(try Self.facts(.interlaced))?.contains("interlaced") == true)
        #expect(objection(try Self.facts(.tenBits))?.contains("colour format") == true)
        #expect(objection(try Self.facts { $0.hasBFrames = true })?.contains("B-frames") == true)
        #expect(objection(try Self.facts { $0.isRefreshedGradually = true })?.contains("bit by bit") == true)
        #expect(objection(try Self.facts { $0.isRefreshedGradually = true }, CopyTerms(protocols: [.rtsp])) == nil)
        #expect(
            objection(try Self.facts(.full))
                == "the output wants 1280×720, the camera sends 1920×1080")
        #expect(
            objection(try Self.facts { $0.framesPerSecond = 30 })
                == "the output wants at most 25 fps, the camera sends 30")
        #expect(
            objection(try Self.facts { $0.bitrateKbps = 2600 })
                == "the output wants at most 2500 kb/s, the camera sends 2600")
        #expect(objection(try Self.facts(), CopyTerms(requiresEncoding: true))?.contains("settings") == true)
        #expect(objection(try Self.facts { $0.keyframeSeconds = 5 })?.contains("keyframes") == true)
    }

    @Test func announcedReorderingIsWatched() throws {
        #expect(objection(try Self.facts(.reordered)) != nil)
        #expect(objection(try Self.facts(.reordered) { $0.packetCount = 100 }) == nil)
        #expect(
            objection(
                try Self.facts(.reordered) {
                    $0.packetCount = 100
                    $0.hasBFrames = true
                }) != nil)
    }

    @Test func aReducerMustBeWithoutEffect() throws {
        #expect(objection(try Self.facts(), reducerFPS: 25) == nil)
        #expect(objection(try Self.facts(), reducerFPS: 5) == "the pipeline reduces the camera's 25 fps")
    }

    @Test func aCameraNearTheLimitDoesNotAlternate() throws {
        let facts = try Self.facts { $0.bitrateKbps = 2800 }
        #expect(objection(facts, isCopied: true) == nil)
        #expect(objection(facts, isCopied: false) != nil)
        #expect(objection(try Self.facts { $0.bitrateKbps = 3100 }, isCopied: true) != nil)
        #expect(objection(try Self.facts { $0.keyframeSeconds = 6 }, isCopied: true) == nil)
        #expect(objection(try Self.facts { $0.keyframeSeconds = 11 }, isCopied: true) != nil)
    }

    @Test func onlyWhatAllOutputsLeaveOpenIsOpen() throws {
        func terms(_ outputs: [JSONValue]) throws -> CopyTerms {
            let transmission = try Transmission(json: [
                "id": "t", "name": "T", "path": "t", "outputs": .array(outputs),
            ])
            return CopyTerms(.standard, outputs: transmission.enabledOutputs)
        }
        #expect(try terms([["protocol": "rtsp"]]) == CopyTerms(protocols: [.rtsp]))
        #expect(try terms([]) == CopyTerms(), "a path without an output is there for everybody")
        let named: JSONValue = [
            "protocol": "hls", "resolution": ["width": 1280, "height": 720], "fps_limit": 12,
        ]
        #expect(
            try terms([["protocol": "rtsp"], named])
                == CopyTerms(size: .init(width: 1280, height: 720), fps: 12, protocols: [.rtsp, .hls]))
    }

    @Test func theReasonIsASentenceWithACode() throws {
        guard case .copy(let copied) = PictureMode.copied(try Self.facts(codec: "hevc")) else {
            Issue.record("what is copied is not said to be")
            return
        }
        #expect(copied.text == "copied: the camera already sends 1280×720 at 25 fps as H.265")
        #expect(copied.code == "copied_size_and_rate")
        #expect(copied.parameters == ["size": "1280×720", "fps": "25", "codec": "H.265"])
        let objection = CodedMessage("copy_demo", "it is so")
        #expect(
            PictureMode.encoded(objection)
                == .encode(CodedMessage("encoded", "encoded: it is so", ["reason": objection.json])))
        #expect(
            PictureMode.encoded(objection, isForced: true)
                == .encode(
                    CodedMessage(
                        "encoded_though_forced", "encoded although bypass_mode is force_on: it is so",
                        ["reason": objection.json])))
    }
}

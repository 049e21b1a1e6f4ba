import StreamModel
import StreamProtocols
import Testing

@testable import PipelineKit

/// Which codec a path carries; each change costs the viewers their connection.
@Suite struct RenditionCodecTests {
    @Test func theCameraIsFollowed() {
        var codec = RenditionCodec()
        #expect(codec.current == .h264)
        #expect(codec.follow(.copy, camera: .h264) == .copy)
        #expect(codec.current == .h264)
        #expect(codec.follow(.copy, camera: .h265) == .copy)
        #expect(codec.current == .h265)
    }

    @Test func whatIsExpectedToBeCopiedHasTheCamerasCodecAlready() {
        var codec = RenditionCodec()
        #expect(codec.follow(.wait(.freeText("parameters")), camera: .h265) == .wait(.freeText("parameters")))
        #expect(codec.current == .h265)
        // The camera was away and is back: nothing changes while it is looked at anew.
        _ = codec.follow(.copy, camera: .h265)
        _ = codec.follow(.wait(.freeText("parameters")), camera: .h265)
        #expect(codec.current == .h265)
        #expect(codec.givenUpBecause == nil)
    }

    @Test func whatWasGivenUpIsNotBegunAgain() {
        var codec = RenditionCodec()
        _ = codec.follow(.copy, camera: .h265)
        #expect(codec.follow(.encode(.freeText("too many bits")), camera: .h265) == .encode(.freeText("too many bits")))
        #expect(codec.current == .h264)
        let again = codec.follow(.copy, camera: .h265)
        #expect(again.objection?.text.contains("too many bits") == true)
        #expect(codec.follow(.wait(.freeText("parameters")), camera: .h265) == .wait(.freeText("parameters")))
        #expect(codec.current == .h264)
        // An H.264 camera costs nobody his connection.
        #expect(codec.follow(.copy, camera: .h264) == .copy)
        codec.settingsChanged()
        #expect(codec.follow(.copy, camera: .h265) == .copy)
        #expect(codec.current == .h265)
    }

    @Test func aCameraThatWasNeverCopiedMayBeLater() {
        var codec = RenditionCodec()
        _ = codec.follow(.encode(.freeText("too many bits")), camera: .h265)
        #expect(codec.follow(.copy, camera: .h265) == .copy)
    }

    @Test func withoutAWayFromTheCameraItIsH264() {
        var codec = RenditionCodec()
        _ = codec.follow(.copy, camera: .h265)
        codec.copyingEnded()
        #expect(codec.current == .h264)
    }

    @Test func whatWasAskedForIsNeverChanged() {
        var codec = RenditionCodec(wanted: .h265)
        #expect(codec.current == .h265)
        #expect(codec.follow(.encode(.freeText("H.265 is wanted")), camera: .h264).objection != nil)
        #expect(codec.follow(.copy, camera: .h265) == .copy)
        #expect(codec.follow(.encode(.freeText("too many bits")), camera: .h265).objection != nil)
        #expect(codec.follow(.copy, camera: .h265) == .copy, "nobody loses the connection by it")
        codec.copyingEnded()
        #expect(codec.current == .h265 && codec.givenUpBecause == nil)
    }
}

import StreamModel
import Testing

@testable import PipelineKit

@Suite struct CameraTestSentenceTests {
    @Test func theSentenceSaysWhatMatters() {
        var result = CameraTestResult(ok: true, .freeText(""))
        result.codec = "h264"
        result.width = 1920
        result.height = 1080
        result.fps = 25.000001
        result.keyframeIntervalSeconds = 1.96
        result.hasBFrames = false
        #expect(CameraTest.sentence(result) == "H264 1920×1080 at 25 fps, a keyframe every 2 s, no B-frames, no sound.")
        result.fps = 12.5
        result.audio = AudioSummary(codec: "aac", sampleRate: 48_000, channels: 2)
        #expect(CameraTest.sentence(result).contains("at 12.5 fps"))
        #expect(CameraTest.sentence(result).hasSuffix("with sound (aac)."))
    }

    @Test func whatIsHeardIsSaid() {
        let audio = AudioSummary(codec: "aac", sampleRate: 16_000, channels: 1)
        #expect(CameraTest.sound(audio, isPassedOn: true, missingTrack: 2).text == "Sound: AAC, 16 kHz, mono")
        #expect(CameraTest.sound(audio, isPassedOn: false, missingTrack: nil).code == "camera_sound_other")
        #expect(CameraTest.sound(nil, isPassedOn: false, missingTrack: nil).text == "No sound")
        #expect(CameraTest.sound(nil, isPassedOn: false, missingTrack: 3).text == "No sound track 3")
    }

    @Test func theRateIsThatOfTheUsualSteps() throws {
        // 25 a second, the first of which is old.
        let times = [-1.5] + (0..<24).map { Double($0) / 25 }
        #expect(abs(try #require(CameraTest.framesPerSecond(times)) - 25) < 0.01)
        #expect(CameraTest.framesPerSecond([1]) == nil)
        #expect(CameraTest.framesPerSecond([]) == nil)
    }
}

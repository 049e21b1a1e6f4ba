import MediaKit
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct DemoToneTests {
    /// ITU-T G.711: in µ-law, silence is 0xFF, and 0x7F below zero.
    @Test func itSoundsWhileTheLampIsLit() throws {
        let tone = try DemoTone(framesPerSecond: 25)
        let start = MonotonicInstant.now
        let loud = (0..<50).map { number in
            tone.sound(ofPicture: number, captureTime: start).bytes.contains { $0 & 0x7F != 0x7F }
        }
        #expect(loud == (0..<50).map { $0 % 25 < DemoSource.litPictures(framesPerSecond: 25) })
    }

    @Test func pictureAndSoundAreOfOneTime() throws {
        let source = try DemoPictures(interrupt: InterruptFlag())
        var last: CameraSound?
        for _ in 0..<3 {
            let picture = try source.next()
            let sound = try #require(picture.sound)
            #expect(sound.captureTime == picture.frame.captureTime)
            #expect(sound.format == source.sound)
            #expect(sound.bytes.count == 320, "40 ms")
            if let last { #expect(sound.presentationTime == last.presentationTime + 320) }
            last = sound
        }
    }
}

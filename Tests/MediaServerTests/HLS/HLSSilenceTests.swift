import StreamProtocols
import Testing

@testable import MediaServer

/// Times are in units of 48 kHz, of which a frame takes 1024.
@Suite struct HLSSilenceTests {
    private func makeSilence() throws -> HLSSilence {
        let configuration = try #require(AACConfiguration([0x11, 0x90]))
        let format = HLSAudioFormat(RTPFormat(.aac(configuration), payloadType: 97), container: .fmp4)
        return try #require(format.flatMap { HLSSilence($0) })
    }

    @Test func nothingIsDueWhileSoundComes() throws {
        var silence = try makeSilence()
        for index in Int64(0)..<200 {
            #expect(silence.frames(beforePictureAt: 1000 + index * 1024).isEmpty)
            // As far behind as encoders and networks usually are.
            if index >= 15 { #expect(silence.place(soundAt: 1000 + (index - 15) * 1024, lasting: 1024)?.silent == []) }
        }
    }

    @Test func aHoleIsFilledFrameByFrameAsPicturesCome() throws {
        var silence = try makeSilence()
        _ = silence.frames(beforePictureAt: 0)
        #expect(silence.place(soundAt: 0, lasting: 1024) == .init(silent: [], time: 0))
        let times = (Int64(1)...100).flatMap { silence.frames(beforePictureAt: $0 * 1920) }
        // Each joins the one before, up to half a second before the last picture.
        #expect(times == Array(stride(from: 1024, through: 192_000 - 24_000 - 1024, by: 1024)))
        // What is left is filled when the sound is back; it need not fit.
        let end = try #require(times.last) + 1024
        #expect(
            silence.place(soundAt: end + 2 * 1024 + 500, lasting: 1024)
                == .init(silent: [end, end + 1024], time: end + 2 * 1024))
        #expect(
            silence.place(soundAt: end + 3 * 1024 + 500, lasting: 1024) == .init(silent: [], time: end + 3 * 1024))
    }

    /// Who plays frame after frame is never more than a frame out of step, whatever the holes are and however fast its clock runs.
    @Test(arguments: [-0.2, 0, 0.2]) func framesThatAreCountedStayInStep(percentTooLong: Double) throws {
        var silence = try makeSilence()
        _ = silence.frames(beforePictureAt: 0)
        var time = 0.0
        var end: Int64 = 0
        var inserted = 0
        for index in 0..<2000 {
            // A camera that stamps its frames by when it comes to them, and leaves out one and a half now and then.
            time += 1024 * (1 + percentTooLong / 100) + (index % 200 == 199 ? 1.4 * 1024 : 0)
            let stamp = Int64(time) + Int64(index % 3) * 100
            guard let placement = silence.place(soundAt: stamp, lasting: 1024) else { continue }
            // One joins the other.
            #expect(placement.silent + [placement.time] == (0...placement.silent.count).map { end + Int64($0) * 1024 })
            inserted += placement.silent.count
            end = placement.time + 1024
            // Soon after what was left out, what is missing of a frame is made up for too.
            let bound: Int64 = (index + 1) % 200 < 60 ? 1024 : 640 + 300
            #expect(abs(stamp - placement.time) <= bound, "frame \(index)")
        }
        #expect(inserted <= 60)
    }

    @Test func soundThatIsAlwaysLateIsWaitedForLonger() throws {
        var silence = try makeSilence()
        let lag: Int64 = 48_000
        var heard: [Bool] = []
        for index in Int64(0)..<250 {
            _ = silence.frames(beforePictureAt: index * 1920)
            if index * 1920 >= lag {
                heard.append(silence.place(soundAt: index * 1920 - lag, lasting: 1920) != nil)
            }
        }
        #expect(heard.first == false)
        // What was taken once is over after as long; from then on nothing is.
        #expect(heard.suffix(200).allSatisfy { $0 })
    }

    @Test func anotherClockIsNoHole() throws {
        var silence = try makeSilence()
        _ = silence.frames(beforePictureAt: 0)
        #expect(silence.place(soundAt: .max - 5000, lasting: 1024) == .init(silent: [], time: .max - 5000))
        silence.restart()
        #expect(silence.frames(beforePictureAt: 90_000) == [])
        #expect(silence.oneFrame() == 90_000)
    }
}

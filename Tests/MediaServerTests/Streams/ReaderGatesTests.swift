import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct ReaderGatesTests {
    private func unit(_ track: Int, isKeyframe: Bool = false) -> StreamUnit {
        StreamUnit(
            number: 0, track: track, sample: Sample(nalUnits: [[1]], presentationTime: 0, isRandomAccess: isKeyframe),
            media: .h264(nil), isKeyframe: isKeyframe, wallTime: ProgramDateTime(millisecondsSinceEpoch: 0))
    }

    /// Pictures on tracks 0 and 2, sound on 1 and 3.
    @Test func eachTrackOfPicturesBeginsAtItsOwnKeyframe() {
        var gates = ReaderGates(tracks: [0, 1, 2, 3], pictureTracks: [0, 2])
        #expect(gates.admit(unit(0), isCongested: false) == false)
        #expect(gates.admit(unit(1), isCongested: false) == false)
        #expect(gates.admit(unit(2, isKeyframe: true), isCongested: false) == true)
        #expect(gates.admit(unit(0), isCongested: false) == false)
        #expect(gates.admit(unit(3), isCongested: false) == false, "sound goes with the first picture")
        #expect(gates.admit(unit(0, isKeyframe: true), isCongested: false) == true)
        for track in 0...3 { #expect(gates.admit(unit(track), isCongested: false) == true) }
        // What is missing of one picture costs the other nothing.
        #expect(gates.admit(unit(0), isCongested: true) == false)
        #expect(gates.admit(unit(2), isCongested: false) == true)
        #expect(gates.admit(unit(0), isCongested: false) == false)
        #expect(gates.droppedUnitCount == 2)
    }

    @Test func whatIsReadAloneWaitsForNothingElse() {
        var second = ReaderGates(tracks: [2, 3], pictureTracks: [0, 2])
        #expect(second.admit(unit(0, isKeyframe: true), isCongested: false) == false, "it is not read")
        #expect(second.admit(unit(3), isCongested: false) == false)
        #expect(second.admit(unit(2, isKeyframe: true), isCongested: false) == true)
        #expect(second.admit(unit(3), isCongested: false) == true)
        var sound = ReaderGates(tracks: [1], pictureTracks: [0, 2])
        #expect(sound.admit(unit(1), isCongested: false) == true)
    }
}

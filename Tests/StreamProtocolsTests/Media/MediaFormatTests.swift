import StreamProtocols
import Testing

@Suite struct MediaFormatTests {
    /// Whoever keeps a keyframe's parameter sets up to date has to know whether there were any, and whether they are news.
    @Test func aPictureTellsItsParameterSets() {
        let (sps, pps, slice): ([UInt8], [UInt8], [UInt8]) = ([0x67, 1], [0x68, 2], [0x65, 0x80])
        func picture(_ nalUnits: [[UInt8]]) -> Sample {
            Sample(nalUnits: nalUnits.map { $0[...] }, presentationTime: 0, isRandomAccess: true)
        }
        var format = MediaFormat.h264(nil)
        #expect(format.learn(from: picture([slice])) == .none)
        #expect(format.learn(from: picture([sps, slice])) == .none, "one of the two is not enough")
        #expect(format == .h264(nil))
        #expect(format.learn(from: picture([sps, pps, slice])) == .changed)
        #expect(format.parameterSets == [sps, pps])
        #expect(format.learn(from: picture([sps, pps, slice])) == .known)
        #expect(format.learn(from: picture([sps, [0x68, 3], slice])) == .changed)
        #expect(format.learn(from: Sample(frame: [0xFF, 0xFB, 0x94, 0x64], presentationTime: 0)) == .none)
    }
}

import StreamProtocols
import Testing

@Suite struct DisposablePictureTests {
    private func isDisposable(_ media: MediaFormat, _ nalUnits: [[UInt8]]) -> Bool {
        Sample(nalUnits: nalUnits.map { $0[...] }, presentationTime: 0, isRandomAccess: false).isDisposable(in: media)
    }

    /// ITU-T H.264 §7.4.1: pictures whose slices have a nal_ref_idc of 0; what else is in the unit does not count.
    @Test func ofH264() {
        #expect(isDisposable(.h264(nil), [[0x09, 0xF0], [0x06, 1], [0x01, 0x80], [0x01, 0x40]]))
        for header in [0x21, 0x41, 0x65] as [UInt8] {
            #expect(!isDisposable(.h264(nil), [[0x01, 0x80], [header, 0x80]]), "\(header)")
        }
        #expect(!isDisposable(.h264(nil), [[0x06, 1]]))
    }

    /// ITU-T H.265 table 7-1: TRAIL_N (0) and RASL_N (8) of the highest sub-layer, which is the first here; not TRAIL_R (1), not
    /// an IDR picture (19), not one of another sub-layer, and none where the number of sub-layers is not known.
    @Test func ofH265() {
        let media = MediaFormat.h265(H265Samples.plain)
        #expect(isDisposable(media, [[35 << 1, 1, 0x50], [0, 1, 0x80], [8 << 1, 1, 0x80]]))
        for (type, temporalIDPlus1) in [(1, 1), (9, 1), (16, 1), (19, 1), (0, 2)] as [(UInt8, UInt8)] {
            #expect(!isDisposable(media, [[type << 1, temporalIDPlus1, 0x80]]), "\(type)")
        }
        #expect(!isDisposable(.h265(nil), [[0, 1, 0x80]]))
    }

    @Test func noSoundIs() {
        let frame = Sample(frame: [1, 2], presentationTime: 0)
        #expect(!frame.isDisposable(in: .opus(channelCount: 2)))
    }
}

import StreamProtocols
import Testing

@Suite struct RandomAccessTests {
    /// first_mb_in_slice ue(0), slice_type ue(7), I, or ue(5), P; pic_parameter_set_id ue(0) (ITU-T H.264 §7.3.3).
    private static let iSlice: [UInt8] = [0x41, 0x88, 0x80]
    private static let pSlice: [UInt8] = [0x41, 0x9A, 0x80]
    private static let sps: [UInt8] = [0x67, 0x42, 0xC0, 0x1E]
    /// What x264 writes before each keyframe of an open group: recovery_frame_cnt 0, exact.
    private static let recovery: [UInt8] = [0x06, 0x06, 0x01, 0xC4, 0x80]
    /// recovery_frame_cnt 24, ue(24) is 000011001.
    private static let refresh: [UInt8] = [0x06, 0x06, 0x02, 0x0C, 0x84, 0x80]

    private static func h264(_ nalUnits: [UInt8]...) -> RandomAccess? {
        RandomAccess(codec: .h264, nalUnits: nalUnits.map { $0[...] })
    }

    @Test func h264() {
        #expect(Self.h264(Self.sps, [0x65, 0x88, 0x80]) == .instantaneous)
        #expect(Self.h264(Self.recovery, Self.iSlice) == .openGroup)
        #expect(Self.h264(Self.sps, Self.iSlice) == .openGroup)
        #expect(Self.h264(Self.refresh, Self.pSlice) == .gradual(frameCount: 24))
        #expect(Self.h264(Self.iSlice) == nil, "it may be one of many in a group")
        #expect(Self.h264(Self.recovery, Self.pSlice) == nil, "a promise that can't be kept")
        #expect(Self.h264(Self.sps, Self.pSlice) == nil)
        #expect(Self.h264(Self.sps, Self.recovery) == nil, "no picture")
        #expect(Self.h264() == nil)
    }

    /// User data (type 5) of 300 bytes comes first: its size is 255 and 45.
    @Test func aRecoveryPointIsFoundBehindOtherMessages() {
        let userData = [0x06, 0x05, 0xFF, 0x2D] + [UInt8](repeating: 7, count: 300)
        #expect(Self.h264(userData + [0x06, 0x01, 0xC4, 0x80], Self.iSlice) == .openGroup)
        #expect(Self.h264(userData + [0x80], Self.iSlice) == nil)
        // A size that is larger than the unit.
        #expect(Self.h264([0x06, 0x05, 0xFF, 0xFF, 0xFF, 0x06, 0x01, 0xC4, 0x80], Self.iSlice) == nil)
    }

    /// Types by ITU-T H.265 table 7-1; recovery_poc_cnt se(25) is ue(49), 00000110010 (§D.2.8).
    @Test func h265() {
        func h265(_ nalUnits: [UInt8]...) -> RandomAccess? {
            RandomAccess(codec: .h265, nalUnits: nalUnits.map { $0[...] })
        }
        let trailing: [UInt8] = [1 << 1, 1, 0x80]
        for type: UInt8 in [16, 17, 18, 19, 20] { #expect(h265([type << 1, 1, 0x80]) == .instantaneous) }
        #expect(h265([21 << 1, 1, 0x80]) == .openGroup)
        #expect(h265([39 << 1, 1, 0x06, 0x02, 0x06, 0x54, 0x80], trailing) == .gradual(frameCount: 25))
        #expect(h265([39 << 1, 1, 0x06, 0x01, 0xD0, 0x80], trailing) == nil)
        #expect(h265(trailing) == nil)
    }
}

import StreamProtocols
import Testing

@Suite struct RTPTimestampUnwrapperTests {
    @Test func runsForADayWithoutAJump() {
        var unwrapper = RTPTimestampUnwrapper()
        // 90 kHz wraps after 2³² / 90 000 s = 13 h 15 min; 24 h are 7 776 000 000 ticks.
        let first: Int64 = 4_000_000_000
        var last: Int64 = 0
        for frame in stride(from: Int64(0), through: 7_776_000_000, by: 90_000) {
            let timestamp = first + frame
            last = unwrapper.unwrap(UInt32(truncatingIfNeeded: timestamp))
            #expect(last == timestamp)
        }
        #expect(last == first + 7_776_000_000)
    }

    @Test func followsReorderedPicturesAcrossTheWrap() {
        var unwrapper = RTPTimestampUnwrapper()
        let timestamps: [UInt32] = [.max - 3599, 3601, 1, .max, 7201]
        let wrap = Int64(1) << 32
        #expect(
            timestamps.map { unwrapper.unwrap($0) } == [wrap - 3600, wrap + 3601, wrap + 1, wrap - 1, wrap + 7201]
        )
    }

    @Test func goesBelowZeroRatherThanFarAhead() {
        var unwrapper = RTPTimestampUnwrapper()
        #expect(unwrapper.unwrap(10) == 10)
        #expect(unwrapper.unwrap(.max) == -1)
    }
}

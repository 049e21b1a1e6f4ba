import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct TimestampLineTests {
    private static func wallTime(_ seconds: Double) -> NTPTimestamp {
        NTPTimestamp(sinceUnixEpoch: .seconds(1_700_000_000) + .seconds(seconds))
    }

    @Test func theFirstStreamIsLeftAsItIs() {
        var line = TimestampLine(clockRate: 90_000)
        #expect(line.report(4_294_967_000, at: Self.wallTime(0)) == 4_294_967_000)
        #expect(line.place(4_294_967_290, at: .zero) == 4_294_967_290)
        #expect(line.place(3594, at: .milliseconds(40)) == 3594)
    }

    @Test("another stream goes on where its report says that it is", arguments: [7, 3_000_000_000] as [UInt32])
    func reported(base: UInt32) {
        var line = TimestampLine(clockRate: 90_000)
        _ = line.report(4_294_967_000, at: Self.wallTime(0))
        let last = line.place(4_294_967_000 &+ 90_000, at: .seconds(1))
        line.streamChanged()
        #expect(line.report(base, at: Self.wallTime(2)) == 4_294_967_000 &+ 180_000)
        #expect(line.place(base &+ 900, at: .seconds(2)) == last &+ 90_900)
        // What is reported later changes nothing.
        #expect(line.report(base &+ 90_007, at: Self.wallTime(3)) == last &+ 180_007)
        #expect(line.place(base &+ 91_000, at: .seconds(3)) == last &+ 181_000)
    }

    @Test("one that has not reported yet goes on as it arrives")
    func unreported() {
        var line = TimestampLine(clockRate: 48_000)
        _ = line.report(100, at: Self.wallTime(0))
        _ = line.place(1000, at: .seconds(10))
        line.streamChanged()
        #expect(line.place(2_000_000_000, at: .seconds(10.5)) == 25_000)
        #expect(line.report(2_000_000_048, at: Self.wallTime(11)) == 25_048)
        #expect(line.place(2_000_000_960, at: .seconds(10.52)) == 25_960)
    }

    @Test("no sample of another stream has the time of one before")
    func rising() {
        var line = TimestampLine(clockRate: 90_000)
        _ = line.report(0, at: Self.wallTime(0))
        _ = line.place(9000, at: .milliseconds(100))
        line.streamChanged()
        #expect(line.report(500, at: Self.wallTime(0.05)) == 4500)
        #expect(line.place(1000, at: .milliseconds(110)) == 9001)
        #expect(line.place(4600, at: .milliseconds(150)) == 12_601)
    }
}

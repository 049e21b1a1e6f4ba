import Foundation
import StreamModel
import Testing

@Suite("Timestamps")
struct TimestampTests {
    // `date -u -d @1795260029 +%FT%TZ` says 2026-11-21T11:20:29Z.
    @Test("are ISO 8601 in UTC with microseconds")
    func formatting() {
        #expect(Timestamp.format(Date(timeIntervalSince1970: 1_795_260_029.25)) == "2026-11-21T11:20:29.250000Z")
        #expect(Timestamp.format(Date(timeIntervalSince1970: 0)) == "1970-01-01T00:00:00.000000Z")
    }

    @Test("are read with and without a fraction, and with an offset")
    func parsing() {
        let moment = Date(timeIntervalSince1970: 1_795_260_029)
        for text in ["2026-11-21T11:20:29Z", "2026-11-21T11:20:29.000000Z", "2026-11-21T13:20:29+02:00"] {
            #expect(Timestamp.parse(text) == moment, "\(text)")
        }
        #expect(Timestamp.parse("yesterday") == nil)
    }

    @Test("of now survive being written and read")
    func roundTrip() {
        let now = Timestamp.now()
        #expect(Timestamp.parse(Timestamp.format(now)) == now)
    }
}

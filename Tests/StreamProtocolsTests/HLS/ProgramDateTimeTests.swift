import StreamProtocols
import Testing

@Suite struct ProgramDateTimeTests {
    /// Expected texts from GNU `date --utc --date=@SECONDS --iso-8601=ns`.
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"),
        (951_827_696_789, "2000-02-29T12:34:56.789Z"),
        (1_771_751_103_040, "2026-02-22T09:05:03.040Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func rendersISO8601(milliseconds: Int64, text: String) {
        #expect(ProgramDateTime(millisecondsSinceEpoch: milliseconds).description == text)
    }

    @Test func advancesByMilliseconds() {
        let start = ProgramDateTime(millisecondsSinceEpoch: 1000)
        #expect(start.advanced(by: .microseconds(2_040_900)).millisecondsSinceEpoch == 3040)
    }
}

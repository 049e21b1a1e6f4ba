import StreamProtocols
import Testing

@Suite struct DeliveryDirectivesTests {
    private func read(
        _ number: Substring?, _ part: Substring? = nil, _ skip: Substring? = nil
    ) throws -> DeliveryDirectives {
        try DeliveryDirectives(mediaSequenceNumber: number, part: part, skip: skip)
    }

    /// RFC 8216bis §6.2.5.2 and §6.2.5.1
    @Test func readsWhatAPlayerWaitsFor() throws {
        #expect(try read(nil) == DeliveryDirectives())
        #expect(try read("273") == DeliveryDirectives(awaited: .segment(273)))
        #expect(try read("273", "2") == DeliveryDirectives(awaited: .part(2, ofSegment: 273)))
        #expect(try read("0", "0", "YES") == DeliveryDirectives(awaited: .part(0, ofSegment: 0), maySkip: true))
        #expect(try read(nil, nil, "v2").maySkip)
        #expect(try !read(nil, nil, "NO").maySkip)
        #expect(try read("9999999999999999").awaited == .segment(9_999_999_999_999_999))
    }

    @Test(arguments: ["", "-1", "+1", "1.5", "0x10", "99999999999999999", "１", " 1"])
    func refusesWhatIsNoNumber(text: String) {
        #expect(throws: DeliveryDirectiveError.noNumber(name: "_HLS_msn")) { try read(Substring(text)) }
        #expect(throws: DeliveryDirectiveError.noNumber(name: "_HLS_part")) { try read("1", Substring(text)) }
    }

    @Test func aPartNeedsItsSegment() {
        #expect(throws: DeliveryDirectiveError.partWithoutSegment) { try read(nil, "1") }
    }
}

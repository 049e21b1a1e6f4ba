import Testing

@testable import StreamProtocols

@Suite struct MPEG2CRC32Tests {
    /// The check value of CRC-32/MPEG-2 in the catalogue of parametrised CRC algorithms.
    @Test func hasTheCatalogueCheckValue() {
        #expect(MPEG2CRC32.checksum("123456789".utf8) == 0x0376_E6E7)
    }

    /// ISO/IEC 13818-1 Annex A: over a section and its own checksum the remainder is zero.
    @Test func vanishesOverASectionWithItsChecksum() throws {
        let section = TSProgramTables.programMapSection(
            clockPID: 0x100, streams: [try #require(TSElementaryStream(.h264(nil)))])
        #expect(MPEG2CRC32.checksum(section) == 0)
    }
}

/// The two tables that tell a receiver what a transport stream holds (ISO/IEC 13818-1 §2.4.4).
enum TSProgramTables {
    static let programNumber: UInt16 = 1
    static let transportStreamID: UInt16 = 1

    /// The program association section: program 1 is described on `programMapPID` (§2.4.4.3).
    static func programAssociationSection(programMapPID: UInt16) -> [UInt8] {
        var body: [UInt8] = []
        body.appendBigEndian(programNumber)
        body.appendBigEndian(0xE000 | programMapPID)
        return section(tableID: 0x00, tableIDExtension: transportStreamID, body: body)
    }

    /// The program map section: the streams of program 1 and who carries its clock (§2.4.4.8).
    static func programMapSection(clockPID: UInt16, streams: [TSElementaryStream]) -> [UInt8] {
        var body: [UInt8] = []
        body.appendBigEndian(0xE000 | clockPID)
        body.appendBigEndian(0xF000 as UInt16)
        for stream in streams {
            body.append(stream.type.rawValue)
            body.appendBigEndian(0xE000 | stream.pid)
            body.appendBigEndian(0xF000 as UInt16)
        }
        return section(tableID: 0x02, tableIDExtension: programNumber, body: body)
    }

    /// A section in long form, version 0, current, the only one of its table.
    private static func section(tableID: UInt8, tableIDExtension: UInt16, body: [UInt8]) -> [UInt8] {
        let fieldsAfterLength = 5
        let checksumLength = 4
        var bytes: [UInt8] = [tableID]
        bytes.appendBigEndian(0xB000 | UInt16(truncatingIfNeeded: fieldsAfterLength + body.count + checksumLength))
        bytes.appendBigEndian(tableIDExtension)
        bytes.append(contentsOf: [0xC1, 0x00, 0x00])
        bytes.append(contentsOf: body)
        bytes.appendBigEndian(MPEG2CRC32.checksum(bytes))
        return bytes
    }
}

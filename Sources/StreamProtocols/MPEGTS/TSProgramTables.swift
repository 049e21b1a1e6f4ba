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
    ///
    /// - Parameter metadataPID: of timed metadata; nil without any.
    static func programMapSection(
        clockPID: UInt16, streams: [TSElementaryStream], metadataPID: UInt16? = nil
    ) -> [UInt8] {
        var body: [UInt8] = []
        body.appendBigEndian(0xE000 | clockPID)
        append(descriptor: metadataPID == nil ? [] : metadataPointer, to: &body)
        for stream in streams {
            body.append(stream.type.rawValue)
            body.appendBigEndian(0xE000 | stream.pid)
            append(descriptor: [], to: &body)
        }
        if let metadataPID {
            body.append(metadataStreamType)
            body.appendBigEndian(0xE000 | metadataPID)
            append(descriptor: metadata, to: &body)
        }
        return section(tableID: 0x02, tableIDExtension: programNumber, body: body)
    }

    /// Behind its length of twelve bits.
    private static func append(descriptor: [UInt8], to body: inout [UInt8]) {
        body.appendBigEndian(0xF000 | UInt16(truncatingIfNeeded: descriptor.count))
        body.append(contentsOf: descriptor)
    }

    /// stream_type of metadata in PES packets (Table 2-34).
    private static let metadataStreamType: UInt8 = 0x15
    /// metadata_application_format and metadata_format are what their identifiers say: an ID3 tag ("Timed Metadata for HTTP Live
    /// Streaming", Apple).
    private static let id3: [UInt8] = [0xFF, 0xFF] + Array("ID3 ".utf8) + [0xFF] + Array("ID3 ".utf8)
    /// metadata_pointer_descriptor (§2.6.58): the service 0, which program 1 carries.
    private static let metadataPointer: [UInt8] = [0x25, 15] + id3 + [0, 0x1F, 0, 1]
    /// metadata_descriptor (§2.6.60): the service 0, without any configuration.
    private static let metadata: [UInt8] = [0x26, 13] + id3 + [0, 0x0F]

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

extension TSProgramTables {
    /// What a program map section tells (ISO/IEC 13818-1 §2.4.4.8).
    struct ProgramMap {
        struct Stream {
            var pid: UInt16
            /// stream_type
            var type: UInt8
            var descriptors: ArraySlice<UInt8>
        }

        /// PCR_PID: whose packets carry the clock.
        var clockPID: UInt16
        var streams: [Stream]
    }

    /// Where the map of the first program comes, by a program association section (§2.4.4.3); nil when it is another section, or
    /// names none.
    static func programMapPID(in section: ArraySlice<UInt8>) -> UInt16? {
        guard var reader = body(of: section, tableID: 0x00) else { return nil }
        while let program = reader.readUInt16(), let pid = reader.readUInt16() {
            // Program 0 is the network information.
            if program != 0 { return pid & 0x1FFF }
        }
        return nil
    }

    /// Nil when it is another section, or malformed.
    static func programMap(in section: ArraySlice<UInt8>) -> ProgramMap? {
        guard var reader = body(of: section, tableID: 0x02), let clock = reader.readUInt16(),
            let informationLength = reader.readUInt16(), reader.skip(Int(informationLength & 0x0FFF))
        else { return nil }
        var map = ProgramMap(clockPID: clock & 0x1FFF, streams: [])
        while let type = reader.readUInt8() {
            guard let pid = reader.readUInt16(), let length = reader.readUInt16(),
                let descriptors = reader.readBytes(Int(length & 0x0FFF))
            else { return nil }
            map.streams.append(ProgramMap.Stream(pid: pid & 0x1FFF, type: type, descriptors: descriptors))
        }
        return map
    }

    /// What lies between the head of a section in long form and its checksum; nil when the section is not of the table, or not yet
    /// in force (current_next_indicator).
    private static func body(of section: ArraySlice<UInt8>, tableID: UInt8) -> ByteReader? {
        let checksumLength = 4
        var reader = ByteReader(section.dropLast(checksumLength))
        guard reader.readUInt8() == tableID, let length = reader.readUInt16(), length & 0x8000 != 0,
            // The identifier; version and current_next_indicator; section_number and last_section_number.
            reader.skip(2), let version = reader.readUInt8(), version & 1 == 1, reader.skip(2)
        else { return nil }
        return reader
    }
}

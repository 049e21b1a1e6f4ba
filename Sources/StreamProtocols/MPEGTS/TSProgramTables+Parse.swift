extension TSProgramTables {
    /// What a program association section tells (ISO/IEC 13818-1 §2.4.4.3).
    struct ProgramAssociation {
        struct Program: Sendable, Equatable {
            /// program_number
            var number: UInt16
            /// Where its map comes.
            var mapPID: UInt16
        }

        var programs: [Program] = []
        /// Whether it is the only section of its table.
        var isWhole: Bool
    }

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

    /// Nil when it is another section.
    static func programAssociation(in section: ArraySlice<UInt8>) -> ProgramAssociation? {
        guard let table = Table(section, tableID: 0x00) else { return nil }
        var reader = table.body
        var association = ProgramAssociation(isWhole: table.lastSectionNumber == 0)
        while let number = reader.readUInt16(), let pid = reader.readUInt16() {
            // Program 0 is the network information.
            if number != 0 { association.programs.append(.init(number: number, mapPID: pid & 0x1FFF)) }
        }
        return association
    }

    /// Nil when it is another section, or of another program, or malformed.
    static func programMap(in section: ArraySlice<UInt8>, of program: UInt16) -> ProgramMap? {
        guard let table = Table(section, tableID: 0x02), table.identifier == program else { return nil }
        var reader = table.body
        guard let clock = reader.readUInt16(), let informationLength = reader.readUInt16(),
            reader.skip(Int(informationLength & 0x0FFF))
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

    /// A section in long form that is in force.
    private struct Table {
        private static let checksumLength = 4

        /// table_id_extension: of the transport stream, or of the program.
        var identifier: UInt16
        var lastSectionNumber: UInt8
        /// What lies between the head and the checksum.
        var body: ByteReader

        /// Nil when the section is not of the table, or not yet in force (current_next_indicator).
        init?(_ section: ArraySlice<UInt8>, tableID: UInt8) {
            var reader = ByteReader(section.dropLast(Self.checksumLength))
            guard reader.readUInt8() == tableID, let length = reader.readUInt16(), length & 0x8000 != 0,
                let identifier = reader.readUInt16(), let version = reader.readUInt8(), version & 1 == 1,
                // section_number
                reader.skip(1), let lastSectionNumber = reader.readUInt8()
            else { return nil }
            self.identifier = identifier
            self.lastSectionNumber = lastSectionNumber
            body = reader
        }
    }
}

import Testing

@testable import StreamProtocols

@Suite struct TSMuxerTests {
    /// The first two packets that FFmpeg 5.1 writes for one H.264 stream (`ffmpeg -i x.h264 -c copy -f mpegts`),
    /// without its service description table; both are as ISO/IEC 13818-1 §2.4.4.3 and §2.4.4.8 have them.
    @Test func writesTheTablesOfFFmpeg() throws {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        muxer.appendTables(to: &bytes)

        let association: [UInt8] = [
            0x47, 0x40, 0x00, 0x10, 0x00, 0x00, 0xB0, 0x0D, 0x00, 0x01, 0xC1, 0x00, 0x00, 0x00, 0x01, 0xF0, 0x00, 0x2A,
            0xB1,
            0x04, 0xB2,
        ]
        let map: [UInt8] = [
            0x47, 0x50, 0x00, 0x10, 0x00, 0x02, 0xB0, 0x12, 0x00, 0x01, 0xC1, 0x00, 0x00, 0xE1, 0x00, 0xF0, 0x00, 0x1B,
            0xE1,
            0x00, 0xF0, 0x00, 0x15, 0xBD, 0x4D, 0x56,
        ]
        try #require(bytes.count == 376)
        #expect(Array(bytes[..<188]) == association + Array(repeating: 0xFF, count: 188 - association.count))
        #expect(Array(bytes[188...]) == map + Array(repeating: 0xFF, count: 188 - map.count))
    }

    /// The descriptors by ISO/IEC 13818-1 §2.6.58 and §2.6.60 with the values of Apple's "Timed Metadata for HTTP Live Streaming".
    @Test func tellsOfTimedMetadata() throws {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        muxer.appendTables(hasMetadata: true, to: &bytes)
        let packet = try #require(TransportStreamReader.packets(bytes)?.last)
        let pointer: [UInt8] = [
            0x25, 0x0F, 0xFF, 0xFF, 0x49, 0x44, 0x33, 0x20, 0xFF, 0x49, 0x44, 0x33, 0x20, 0x00, 0x1F, 0x00, 0x01,
        ]
        let descriptor: [UInt8] = [
            0x26, 0x0D, 0xFF, 0xFF, 0x49, 0x44, 0x33, 0x20, 0xFF, 0x49, 0x44, 0x33, 0x20, 0x00, 0x0F,
        ]
        // Behind the pointer field.
        let section = packet.payload.dropFirst()
        let told: [UInt8] = [0xE1, 0x00, 0xF0, 0x11] + pointer + [0x1B, 0xE1, 0x00, 0xF0, 0x00]
        // What follows the length: 5 bytes, the clock, what is told, and the checksum.
        let length: UInt8 = 5 + 4 + 17 + 5 + 20 + 4
        let beginning: [UInt8] = [0x02, 0xB0, length]
        #expect(Array(section.prefix(3)) == beginning)
        #expect(Array(section.dropFirst(8).prefix(told.count)) == told)
        let stream: [UInt8] = [0x15, 0xE1, 0x02, 0xF0, 0x0F] + descriptor
        #expect(Array(section.dropFirst(8 + told.count).prefix(stream.count)) == stream)
        #expect(MPEG2CRC32.checksum(section.prefix(3 + Int(length))) == 0)
    }

    @Test func metadataIsAPacketWithTheTimeOfItsPicture() throws {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        for size in [10, 16_500] {
            muxer.appendMetadata(id3Tag: Array(repeating: 0x49, count: size), presentationTime: 0, to: &bytes)
        }
        let packets = try #require(TransportStreamReader.packets(bytes))
        let units = TransportStreamReader.pesPackets(packets, pid: 0x102)
        let header: [UInt8] = [0, 0, 1, 0xBD, 0, 18, 0x84, 0x80, 5, 0x21, 0, 1, 0, 1]
        #expect(units[0] == header + [UInt8](repeating: 0x49, count: 10))
        #expect(units[1].count == 14 + 16_500)
        #expect(Int(units[1][4]) << 8 | Int(units[1][5]) == 8 + 16_500)
        let counters = packets.map(\.continuityCounter)
        #expect(counters == counters.indices.map { $0 % 16 })
    }

    @Test func beginsTheAccessUnitWithADelimiterAndReplacesTheSenders() throws {
        let units = try pes(nalUnits: [[0x09, 0x10], [0x67, 1], [0x68, 2], [], [0x65, 3]], decodeTime: 0)
        // PES_packet_length 32; '10', data alignment; PTS only; header of 5 bytes; PTS 0 with its markers (§2.4.3.6).
        let header: [UInt8] = [0, 0, 1, 0xE0, 0, 32, 0x84, 0x80, 5, 0x21, 0, 1, 0, 1]
        let payload: [UInt8] = [
            0, 0, 0, 1, 0x09, 0xF0, 0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 3,
        ]
        #expect(units == [header + payload])
    }

    /// PTS 0x1_2345_6789 and DTS 0x1_2345_5678 packed by hand after Table 2-21.
    @Test func writesBothTimestampsWhenTheyDiffer() throws {
        let unit = try #require(
            try pes(nalUnits: [[0x41]], presentationTime: 0x1_2345_6789, decodeTime: 0x1_2345_5678).first
        )
        #expect(unit[7...8] == [0xC0, 10])
        #expect(unit[9..<14] == [0x39, 0x8D, 0x15, 0xCF, 0x13])
        #expect(unit[14..<19] == [0x19, 0x8D, 0x15, 0xAC, 0xF1])
    }

    /// A base of 0x1_2345_6789 packed by hand after §2.4.3.5: 33 bits, six reserved ones, nine bits of extension.
    @Test func writesTheClockOfEachPicture() throws {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        let time = 0x1_2345_6789 + TSMuxer.clockDelay
        muxer.appendVideo(
            nalUnits: [[0x41]], presentationTime: time, decodeTime: time, isRandomAccess: false, to: &bytes)
        // Adaptation field without random access, with the clock.
        #expect(bytes[5] == 0x10)
        #expect(bytes[6..<12] == [0x91, 0xA2, 0xB3, 0xC4, 0xFE, 0x00])
    }

    /// 33 bits wrap after 26.5 hours (§2.4.3.7); the clock, which runs behind, wraps later.
    @Test func wrapsAt33Bits() throws {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        let time: Int64 = 1 << 33
        muxer.appendVideo(
            nalUnits: [[0x65]],
            presentationTime: time,
            decodeTime: time,
            isRandomAccess: true,
            to: &bytes
        )
        let packet = try #require(TransportStreamReader.packets(bytes)?.first)
        #expect(packet.payload[9..<14] == [0x21, 0, 1, 0, 1])
        #expect(packet.clockReference == 0x1_FFFF_FFFF - TSMuxer.clockDelay + 1)
        #expect(packet.isRandomAccess)
    }

    /// Every way in which the last packet can be full, one byte short, or nearly empty.
    @Test(arguments: Array(1...400) + [65_500, 65_516, 65_517, 65_518, 65_519, 70_000, 1_000_000])
    func keepsEveryByteAtAnyLength(length: Int) throws {
        let nalUnit = [0x41] + (1..<max(1, length)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let unit = try #require(try pes(nalUnits: [nalUnit], decodeTime: 90_000).first)
        #expect(Array(unit[(14 + 10)...]) == nalUnit)
        let announced = Int(unit[4]) << 8 | Int(unit[5])
        // §2.4.3.7: 0 means unbounded, only for video in a transport stream.
        #expect(announced == (unit.count - 6 > 65_535 ? 0 : unit.count - 6))
    }

    @Test func countsPacketsOfEachPIDAcrossSegments() throws {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        for segment in 0..<20 {
            muxer.appendTables(to: &bytes)
            for frame in 0..<3 {
                let time = Int64(segment * 3 + frame) * 3600
                muxer.appendVideo(
                    nalUnits: [Array(repeating: 0x41, count: 500)[...]],
                    presentationTime: time,
                    decodeTime: time,
                    isRandomAccess: frame == 0,
                    to: &bytes
                )
            }
        }
        let packets = try #require(TransportStreamReader.packets(bytes))
        #expect(Set(packets.map(\.pid)) == [0, 0x100, 0x1000])
        for pid in [0, 0x100, 0x1000] {
            let counters = packets.filter { $0.pid == pid }.map(\.continuityCounter)
            #expect(counters == (0..<counters.count).map { $0 % 16 })
        }
        #expect(packets.filter(\.isRandomAccess).count == 20)
    }

    private func pes(
        nalUnits: [[UInt8]],
        presentationTime: Int64? = nil,
        decodeTime: Int64
    ) throws -> [[UInt8]] {
        var muxer = TSMuxer(streams: [try #require(TSElementaryStream(.h264(nil)))])
        var bytes: [UInt8] = []
        muxer.appendVideo(
            nalUnits: nalUnits.map { $0[...] },
            presentationTime: presentationTime ?? decodeTime,
            decodeTime: decodeTime,
            isRandomAccess: false,
            to: &bytes
        )
        let packets = try #require(TransportStreamReader.packets(bytes))
        return TransportStreamReader.pesPackets(packets, pid: 0x100)
    }
}

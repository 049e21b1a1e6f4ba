import StreamProtocols
import Testing

@Suite struct H265PayloadTests {
    static func packet(
        _ sequenceNumber: UInt16, _ timestamp: UInt32, marker: Bool = false, _ payload: [UInt8]
    ) -> RTPPacket {
        RTPPacket(
            marker: marker, payloadType: 96, sequenceNumber: sequenceNumber, timestamp: timestamp, ssrc: 1,
            payload: payload[...])
    }

    /// A slice that is the first of its picture: first_slice_segment_in_pic_flag is the first bit behind the header.
    static func slice(idr: Bool = false, byteCount: Int = 10) -> [UInt8] {
        [idr ? 0x28 : 0x02, 0x01, 0x88] + (0..<max(0, byteCount - 3)).map { UInt8(truncatingIfNeeded: $0 * 7) }
    }

    // MARK: - Packetizing

    static func payloads(_ nalUnits: [[UInt8]], maxPayloadSize: Int = 64) -> [[UInt8]] {
        var packetizer = H265Packetizer(
            numbering: RTPNumbering(ssrc: 1, sequenceNumber: 7, timestampOffset: 0), maxPayloadSize: maxPayloadSize)
        let packets = packetizer.packetize(
            Sample(nalUnits: nalUnits.map { $0[...] }, presentationTime: 3000, isRandomAccess: false))
        #expect(packets.map(\.marker) == packets.indices.map { $0 == packets.count - 1 })
        #expect(packets.map(\.sequenceNumber) == packets.indices.map { UInt16(7 + $0) })
        return packets.map { [UInt8]($0.payload) }
    }

    @Test func aSingleUnitIsSentAsItIs() {
        #expect(Self.payloads([[0x28, 0x01, 0xAA]]) == [[0x28, 0x01, 0xAA]])
    }

    /// RFC 7798 §4.4.2: type 48, the lowest layer and temporal id of all, then each unit behind its length.
    @Test func severalUnitsAreAggregated() {
        #expect(
            Self.payloads([[0x40, 0x01, 1], [0x42, 0x0A], [0x02, 0x03, 4]])
                == [[0x60, 0x01, 0, 3, 0x40, 0x01, 1, 0, 2, 0x42, 0x0A, 0, 3, 0x02, 0x03, 4]])
        // The lowest layer and the lowest temporal id may come from different units.
        #expect(Self.payloads([[0x40, 0x19], [0x42, 0x0A]]) == [[0x60, 0x09, 0, 2, 0x40, 0x19, 0, 2, 0x42, 0x0A]])
        // Layer 32 needs the lowest bit of the first byte; F is set when one has it.
        #expect(Self.payloads([[0x03, 0x02], [0x83, 0x04]]) == [[0xE1, 0x02, 0, 2, 0x03, 0x02, 0, 2, 0x83, 0x04]])
    }

    /// RFC 7798 §4.4.3: type 49 with the unit's own layer and temporal id, then S, E and the unit's type.
    @Test func aLargeUnitIsCutIntoFragments() {
        let data = (0..<130).map { UInt8($0) }
        let fragments: [[UInt8]] = [
            [0x62, 0x01, 0x94] + Array(data[..<61]), [0x62, 0x01, 0x14] + Array(data[61..<122]),
            [0x62, 0x01, 0x54] + Array(data[122...]),
        ]
        #expect(Self.payloads([[0x28, 0x01] + data]) == fragments)
    }

    // MARK: - Round trips

    @Test(arguments: [2, 3, 90, 95, 96, 97, 98, 99, 100, 101, 196, 197, 198, 295, 997, 70_000])
    func returnsWhatWasPacketized(size: Int) throws {
        var packetizer = H265Packetizer(
            numbering: RTPNumbering(sequenceNumber: .max - 3, timestampOffset: 0), maxPayloadSize: 100)
        var depacketizer = H265Depacketizer()
        for frame in 0..<4 {
            let idr = frame % 2 == 0
            let sets = H265Samples.plain.nalUnits
            let slice = size == 2 ? [idr ? 0x28 : 0x02, 0x01] : Self.slice(idr: idr, byteCount: size)
            let nalUnits: [[UInt8]] = sets + [slice, [0x02, 0x01, 5]]
            let unit = Sample(
                nalUnits: nalUnits.map { $0[...] }, presentationTime: 3000 * Int64(frame), isRandomAccess: idr)
            var received: [Sample] = []
            for packet in packetizer.packetize(unit) {
                #expect(packet.payload.count <= 100)
                received += try depacketizer.depacketize(RTPPacket(parsing: packet.serialized()))
            }
            #expect(received == [unit])
        }
        #expect(depacketizer.droppedSampleCount == 0)
    }

    // MARK: - Depacketizing

    /// gortsplib pkg/format/rtph265/decoder_test.go begins a unit of type 49 with 0x63 0x02 (layer 32) and 0x80.
    @Test func fragmentsKeepLayerAndTemporalID() throws {
        var depacketizer = H265Depacketizer()
        #expect(try depacketizer.depacketize(Self.packet(1, 0, [0x63, 0x02, 0x81, 3, 4])).isEmpty)
        let units = try depacketizer.depacketize(Self.packet(2, 0, marker: true, [0x63, 0x02, 0x41, 5]))
        #expect(units.map { $0.nalUnits.map { [UInt8]($0) } } == [[[0x03, 0x02, 3, 4, 5]]])
    }

    @Test func aPieceOfByteStreamIsAccepted() throws {
        var depacketizer = H265Depacketizer()
        let payload: [UInt8] = [0, 0, 0, 1, 0x28, 1, 2, 0, 0, 1, 0x02, 1, 3]
        let units = try depacketizer.depacketize(Self.packet(1, 0, marker: true, payload))
        #expect(units.first?.nalUnits.map { [UInt8]($0) } == [[0x28, 1, 2], [0x02, 1, 3]])
        #expect(units.first?.isRandomAccess == true)
    }

    /// An intra random access point is any of the types 16…23 (ITU-T H.265 §3.76), CRA (21) among them.
    @Test(arguments: [
        (0x20, true), (0x26, true), (0x28, true), (0x2A, true), (0x2E, true), (0x02, false), (0x12, false),
    ])
    func randomAccess(header: UInt8, expected: Bool) throws {
        var depacketizer = H265Depacketizer()
        let units = try depacketizer.depacketize(Self.packet(1, 0, marker: true, [header, 1, 0x80]))
        #expect(units.map(\.isRandomAccess) == [expected])
    }

    @Test func aPictureWhoseBeginningIsUncertainIsDropped() throws {
        var depacketizer = H265Depacketizer()
        _ = try depacketizer.depacketize(Self.packet(1, 0, marker: true, Self.slice()))
        // Packet 2 is lost; a segment that is not the first may have come behind it.
        #expect(try depacketizer.depacketize(Self.packet(3, 3000, marker: true, [0x02, 0x01, 0x40])).isEmpty)
        // Each after another gap: the first segment alone, aggregated, fragmented, and parameter sets.
        let beginnings: [[UInt8]] = [
            Self.slice(), [0x60, 0x01, 0, 3, 0x02, 0x01, 0x80], [0x62, 0x01, 0xC1, 0x80],
            [0x60, 0x01, 0, 2, 0x40, 0x01, 0, 3, 0x28, 0x01, 0x80],
        ]
        for (index, payload) in beginnings.enumerated() {
            let number = UInt16(5 + 2 * index)
            let units = try depacketizer.depacketize(Self.packet(number, UInt32(number) * 3000, marker: true, payload))
            #expect(units.count == 1, "packet \(number)")
        }
        #expect(depacketizer.droppedSampleCount == 1)
    }

    @Test(
        arguments: [
            ([], RTPPayloadError.empty),
            ([0x28], .malformed("a NAL unit has half a header")),
            ([0x60, 1], .malformed("an aggregation packet holds no NAL unit")),
            ([0x60, 1, 0, 5, 0x02], .malformed("an aggregation packet is shorter than the lengths in it")),
            ([0x62, 1], .malformed("a fragmentation unit has no header")),
            ([0x62, 1, 0x01, 1], .malformed("a fragment continues a NAL unit that has not begun")),
            // PACI (RFC 7798 §4.4.4), and a type that nobody has defined.
            ([0x64, 1, 0, 0], .unsupportedPacketization(type: 50)),
            ([0x7E, 1, 0], .unsupportedPacketization(type: 63)),
        ] as [([UInt8], RTPPayloadError)])
    func refuses(payload: [UInt8], expected: RTPPayloadError) throws {
        var depacketizer = H265Depacketizer()
        #expect(throws: expected) { try depacketizer.depacketize(Self.packet(1, 0, marker: true, payload)) }
        #expect(try depacketizer.depacketize(Self.packet(2, 3000, marker: true, Self.slice())).count == 1)
    }

    @Test func boundsTheAccessUnit() throws {
        var depacketizer = H265Depacketizer(maxAccessUnitSize: 1000)
        let fragment = [UInt8](repeating: 7, count: 400)
        _ = try depacketizer.depacketize(Self.packet(1, 0, [0x62, 1, 0x94] + fragment))
        _ = try depacketizer.depacketize(Self.packet(2, 0, [0x62, 1, 0x14] + fragment))
        #expect(throws: RTPPayloadError.sampleTooLarge(byteCount: 1202, limit: 1000)) {
            try depacketizer.depacketize(Self.packet(3, 0, [0x62, 1, 0x14] + fragment))
        }
        var many = H265Depacketizer()
        let aggregate = [0x60, 1] + [UInt8]((0..<600).map { _ in [0, 2, 0x02, 1] as [UInt8] }.joined())
        _ = try many.depacketize(Self.packet(1, 0, aggregate))
        #expect(throws: RTPPayloadError.tooManyNALUnits(limit: 1024)) {
            try many.depacketize(Self.packet(2, 0, aggregate))
        }
    }

    @Test func damagedPacketsNeverTrap() {
        var packetizer = H265Packetizer(
            numbering: RTPNumbering(sequenceNumber: .max - 2, timestampOffset: 0), maxPayloadSize: 100)
        var seeds: [[UInt8]] = []
        for index in 0..<4 {
            let nalUnits = H265Samples.plain.nalUnits + [Self.slice(idr: index % 2 == 0, byteCount: 250)]
            let unit = Sample(
                nalUnits: nalUnits.map { $0[...] }, presentationTime: Int64(index) * 3000,
                isRandomAccess: index % 2 == 0)
            seeds += packetizer.packetize(unit).map { $0.serialized() }
        }
        // Pictures of one packet come out whatever came before.
        for number in UInt16(10)..<20 {
            seeds.append(Self.packet(number, UInt32(number), marker: true, Self.slice(idr: true)).serialized())
        }
        var depacketizer = H265Depacketizer(maxAccessUnitSize: 10_000)
        var unitCount = 0
        for bytes in Mutations(of: seeds, count: 8000) {
            guard let packet = try? RTPPacket(parsing: bytes) else { continue }
            for unit in (try? depacketizer.depacketize(packet)) ?? [] {
                unitCount += 1
                #expect(unit.byteCount <= 10_000)
                #expect(unit.nalUnits.contains { VideoCodec.h265.kind(of: $0).isPicture })
                _ = MediaFormat(codec: .h265, nalUnits: unit.nalUnits)
            }
        }
        #expect(unitCount > 100)
    }
}

import StreamProtocols
import Testing

@Suite struct H264DepacketizerTests {
    static func packet(
        _ sequenceNumber: UInt16,
        _ timestamp: UInt32,
        marker: Bool = false,
        _ payload: [UInt8]
    ) -> RTPPacket {
        RTPPacket(
            marker: marker,
            payloadType: 96,
            sequenceNumber: sequenceNumber,
            timestamp: timestamp,
            ssrc: 1,
            payload: payload[...]
        )
    }

    /// A slice that is the first of its picture: first_mb_in_slice 0 is coded as a leading 1 bit.
    static func slice(idr: Bool = false, byteCount: Int = 10) -> [UInt8] {
        // Behind it slice_type: 7 (I), or 5 (P).
        [idr ? 0x65 : 0x41, idr ? 0x88 : 0x9A] + (0..<max(0, byteCount - 2)).map { UInt8(truncatingIfNeeded: $0 * 7) }
    }

    static func nalUnits(_ units: [Sample]) -> [[[UInt8]]] {
        units.map { $0.nalUnits.map { [UInt8]($0) } }
    }

    // MARK: - Round trips

    /// Sizes around what fits in one packet, in one aggregate with another, and in two and three fragments.
    static let sizes: [Int] = [1, 2, 95, 96, 97, 98, 99, 100, 101, 102, 196, 197, 198, 295, 296, 997, 5000, 70_000]

    @Test(arguments: sizes) func returnsWhatWasPacketized(size: Int) throws {
        var packetizer = H264Packetizer(
            numbering: RTPNumbering(sequenceNumber: .max - 3, timestampOffset: 0), maxPayloadSize: 100)
        var depacketizer = H264Depacketizer()
        for frame in 0..<4 {
            let idr = frame % 2 == 0
            let nalUnits: [[UInt8]] = [[0x67, 1, 2], [0x68, 3], Self.slice(idr: idr, byteCount: size), [0x41, 5]]
            let unit = Sample(
                nalUnits: nalUnits.map { $0[...] },
                presentationTime: 3000 * Int64(frame),
                isRandomAccess: idr
            )
            var received: [Sample] = []
            let packets = packetizer.packetize(unit)
            for packet in packets {
                #expect(packet.payload.count <= 100)
                received += try depacketizer.depacketize(RTPPacket(parsing: packet.serialized()))
            }
            var expected = unit
            // A unit of one byte still has its header, so it is IDR.
            expected.payload = .nalUnits(nalUnits.map { $0[...] })
            #expect(received == [expected])
        }
        #expect(depacketizer.lostPacketCount == 0)
        #expect(depacketizer.droppedSampleCount == 0)
    }

    @Test func timestampsRunOnAfterADay() throws {
        var packetizer = H264Packetizer(numbering: RTPNumbering(timestampOffset: 0))
        var depacketizer = H264Depacketizer()
        // One picture a minute for 24 h: the RTP timestamp wraps once on the way.
        for minute in Int64(0)...1440 {
            let timestamp = minute * 60 * 90_000
            let unit = Sample(nalUnits: [Self.slice()[...]], presentationTime: timestamp, isRandomAccess: false)
            let received = try packetizer.packetize(unit).flatMap { try depacketizer.depacketize($0) }
            #expect(received.map(\.presentationTime) == [timestamp])
        }
    }

    // MARK: - Vectors

    /// gortsplib pkg/format/rtph264/decoder_test.go, issue 649 (CostarHD): start and end in one fragment.
    @Test func acceptsAFragmentThatIsWhole() throws {
        var depacketizer = H264Depacketizer()
        let units = try depacketizer.depacketize(
            Self.packet(18853, 1_731_630_255, marker: true, [0x3C, 0xC1, 0xE7, 0x00, 0xCA, 0xFE])
        )
        #expect(Self.nalUnits(units) == [[[0x21, 0xE7, 0x00, 0xCA, 0xFE]]])
        #expect(units.first?.presentationTime == 1_731_630_255)
    }

    /// gortsplib decoder_test.go: STAP-A with padding, an odd number of zeros (the units are made to be slices).
    @Test func acceptsAPaddedAggregate() throws {
        var depacketizer = H264Depacketizer()
        let payload = [0x18, 0, 2, 0x41, 0xBB, 0, 2, 0x41, 0xDD] + [UInt8](repeating: 0, count: 19)
        let units = try depacketizer.depacketize(Self.packet(1, 0, marker: true, payload))
        #expect(Self.nalUnits(units) == [[[0x41, 0xBB], [0x41, 0xDD]]])
    }

    /// gortsplib decoder_test.go, issue 199: a piece of byte stream as payload.
    @Test func acceptsAByteStream() throws {
        var depacketizer = H264Depacketizer()
        let payload: [UInt8] = [0, 0, 0, 1, 1, 2, 3, 4, 0, 0, 0, 1, 1, 2, 3, 4]
        let units = try depacketizer.depacketize(Self.packet(17647, 2_289_531_307, marker: true, payload))
        #expect(Self.nalUnits(units) == [[[1, 2, 3, 4], [1, 2, 3, 4]]])
    }

    /// gortsplib decoder_test.go, MediaMTX issue 3945 (FLIR M400): no markers, the timestamp separates.
    @Test func separatesByTimestamp() throws {
        var depacketizer = H264Depacketizer()
        #expect(try depacketizer.depacketize(Self.packet(1, 10, [1, 2])).isEmpty)
        #expect(Self.nalUnits(try depacketizer.depacketize(Self.packet(2, 11, [1, 4]))) == [[[1, 2]]])
        #expect(
            Self.nalUnits(try depacketizer.depacketize(Self.packet(3, 12, marker: true, [1, 6]))) == [
                [[1, 4]], [[1, 6]],
            ])
    }

    @Test func parameterSetsWithoutPictureGoWithTheNextOne() throws {
        var depacketizer = H264Depacketizer()
        #expect(try depacketizer.depacketize(Self.packet(1, 10, marker: true, [0x67, 1])).isEmpty)
        #expect(try depacketizer.depacketize(Self.packet(2, 10, marker: true, [0x68, 2])).isEmpty)
        let units = try depacketizer.depacketize(Self.packet(3, 3010, marker: true, [0x65, 0x88]))
        #expect(Self.nalUnits(units) == [[[0x67, 1], [0x68, 2], [0x65, 0x88]]])
        #expect(units.first?.presentationTime == 3010)
        #expect(units.first?.isRandomAccess == true)
    }

    // MARK: - Marker

    /// Three pictures of two slices (the second begins with first_mb_in_slice 1, coded 010), each with a marker.
    private static func markedSlices() -> [RTPPacket] {
        (UInt16(0)..<6).map { number in
            let isFirst = number % 2 == 0
            let slice: [UInt8] = [number < 2 ? 0x65 : 0x41, isFirst ? 0x88 : 0x40, UInt8(number)]
            return packet(number, UInt32(number / 2) * 3000, marker: true, slice)
        }
    }

    @Test func aMarkerOnEverySliceIsNotBelieved() throws {
        var depacketizer = H264Depacketizer(trustsMarker: false)
        let units = try Self.markedSlices().flatMap { try depacketizer.depacketize($0) }
        #expect(units.map(\.nalUnits.count) == [2, 2], "the third waits for the timestamp behind it")
        #expect(units.map(\.presentationTime) == [0, 3000])
        #expect(depacketizer.droppedSampleCount == 0)
    }

    @Test func aMarkerThatWasBelievedCostsOnePicture() throws {
        var depacketizer = H264Depacketizer()
        let units = try Self.markedSlices().flatMap { try depacketizer.depacketize($0) }
        #expect(units.map(\.nalUnits.count) == [1, 2])
        #expect(depacketizer.droppedSampleCount == 1)
    }

    @Test func aMarkerThatIsRightIsBelievedFromTheSecondPictureOn() throws {
        var depacketizer = H264Depacketizer(trustsMarker: false)
        let counts = try (UInt16(0)..<4).map { number in
            try depacketizer.depacketize(
                Self.packet(number, UInt32(number) * 3000, marker: true, Self.slice(idr: number == 0))
            ).count
        }
        #expect(counts == [0, 2, 1, 1])
    }

    @Test func thePictureThatWaitsForItsProofIsNotLost() throws {
        var depacketizer = H264Depacketizer(trustsMarker: false)
        #expect(!depacketizer.awaitsProof)
        #expect(try depacketizer.depacketize(Self.packet(1, 0, marker: true, Self.slice(idr: true))).isEmpty)
        #expect(depacketizer.awaitsProof)
        #expect(depacketizer.finishAwaited().map(\.presentationTime) == [0])
        #expect(depacketizer.finishAwaited().isEmpty && !depacketizer.awaitsProof)
        #expect(try depacketizer.depacketize(Self.packet(2, 3000, marker: true, Self.slice())).count == 1)
    }

    // MARK: - Loss

    /// Packets of three pictures: three fragments, three fragments, one packet.
    static func stream() -> [RTPPacket] {
        var packetizer = H264Packetizer(
            numbering: RTPNumbering(sequenceNumber: .max - 2, timestampOffset: 0), maxPayloadSize: 100)
        return [(250, true), (250, false), (50, false)].enumerated().flatMap { index, picture in
            packetizer.packetize(
                Sample(
                    nalUnits: [slice(idr: picture.1, byteCount: picture.0)[...]],
                    presentationTime: Int64(index) * 3000,
                    isRandomAccess: picture.1
                )
            )
        }
    }

    /// Which pictures survive when one packet is lost. A picture is only lost with its own packets.
    @Test(
        arguments: [
            (0, [3000, 6000]), (1, [3000, 6000]), (2, [3000, 6000]),
            (3, [0, 6000]), (4, [0, 6000]), (5, [0, 6000]),
        ] as [(Int, [Int64])])
    func losesOnlyThePictureOfALostPacket(lost: Int, survivors: [Int64]) throws {
        var packets = Self.stream()
        #expect(packets.count == 7)
        packets.remove(at: lost)
        var depacketizer = H264Depacketizer()
        var received: [Sample] = []
        for packet in packets {
            // Without its first packet a stream begins with a fragment of nothing, which is an error.
            received += (try? depacketizer.depacketize(packet)) ?? []
        }
        #expect(received.map(\.presentationTime) == survivors)
        #expect(depacketizer.lostPacketCount == (lost == 0 ? 0 : 1))
    }

    @Test func losesEveryPictureInAGap() throws {
        let packets = Self.stream()
        var depacketizer = H264Depacketizer()
        let received = try [packets[0], packets[4], packets[5], packets[6]].flatMap { try depacketizer.depacketize($0) }
        #expect(received.map(\.presentationTime) == [6000])
        #expect(depacketizer.lostPacketCount == 3)
        #expect(depacketizer.droppedSampleCount == 2)
    }

    @Test func aPictureWhoseBeginningIsUncertainIsDropped() throws {
        var depacketizer = H264Depacketizer()
        _ = try depacketizer.depacketize(Self.packet(1, 0, marker: true, Self.slice()))
        // Packet 2 is lost. Packet 3 is a later slice (first_mb_in_slice 1 is coded 010), so one before it may be gone.
        #expect(try depacketizer.depacketize(Self.packet(3, 3000, marker: true, [0x41, 0x40, 1])).isEmpty)
        let next = try depacketizer.depacketize(Self.packet(4, 6000, marker: true, Self.slice()))
        #expect(next.map(\.presentationTime) == [6000])
        #expect(depacketizer.droppedSampleCount == 1)
    }

    @Test func ignoresLateAndRepeatedPackets() throws {
        var packets = Self.stream()
        packets.insert(packets[3], at: 5)
        packets.insert(packets[2], at: 3)
        var depacketizer = H264Depacketizer()
        let received = try packets.flatMap { try depacketizer.depacketize($0) }
        #expect(received.map(\.presentationTime) == [0, 3000, 6000])
        #expect(depacketizer.lostPacketCount == 0)
    }

    @Test func goesOnWithASenderThatBeginsAnew() throws {
        var depacketizer = H264Depacketizer()
        _ = try depacketizer.depacketize(Self.packet(30_000, 0, marker: true, Self.slice()))
        let units = try depacketizer.depacketize(Self.packet(5, 3000, marker: true, Self.slice(idr: true)))
        #expect(units.map(\.isRandomAccess) == [true])
    }

    // MARK: - Bad input

    @Test(
        arguments: [
            ([], RTPPayloadError.empty),
            ([0x18], .malformed("a STAP-A holds no NAL unit")),
            ([0x18, 0, 5, 0x41], .malformed("a STAP-A is shorter than the lengths in it")),
            ([0x1C], .malformed("an FU-A has no header")),
            ([0x1C, 0x05, 1], .malformed("a fragment continues a NAL unit that has not begun")),
            ([0x19, 0, 0], .unsupportedPacketization(type: 25)),
            ([0x1D, 0x80, 0], .unsupportedPacketization(type: 29)),
            ([0x00, 1], .unsupportedPacketization(type: 0)),
        ] as [([UInt8], RTPPayloadError)])
    func refuses(payload: [UInt8], expected: RTPPayloadError) throws {
        var depacketizer = H264Depacketizer()
        #expect(throws: expected) { try depacketizer.depacketize(Self.packet(1, 0, marker: true, payload)) }
        #expect(depacketizer.droppedSampleCount == 1)
        // The next picture comes out.
        let units = try depacketizer.depacketize(Self.packet(2, 3000, marker: true, Self.slice()))
        #expect(units.count == 1)
    }

    @Test func dropsTheRestOfADamagedPicture() throws {
        var depacketizer = H264Depacketizer()
        _ = try depacketizer.depacketize(Self.packet(1, 0, Self.slice()))
        #expect(throws: RTPPayloadError.self) { try depacketizer.depacketize(Self.packet(2, 0, [0x18])) }
        #expect(try depacketizer.depacketize(Self.packet(3, 0, marker: true, [0x41, 0x40])).isEmpty)
        #expect(try depacketizer.depacketize(Self.packet(4, 1, marker: true, Self.slice())).count == 1)
    }

    @Test func boundsTheAccessUnit() throws {
        var depacketizer = H264Depacketizer(maxAccessUnitSize: 1000)
        let fragment = [UInt8](repeating: 7, count: 400)
        _ = try depacketizer.depacketize(Self.packet(1, 0, [0x7C, 0x85] + fragment))
        _ = try depacketizer.depacketize(Self.packet(2, 0, [0x7C, 0x05] + fragment))
        #expect(throws: RTPPayloadError.sampleTooLarge(byteCount: 1201, limit: 1000)) {
            try depacketizer.depacketize(Self.packet(3, 0, [0x7C, 0x05] + fragment))
        }
        #expect(try depacketizer.depacketize(Self.packet(4, 0, marker: true, [0x7C, 0x45] + fragment)).isEmpty)

        var many = H264Depacketizer()
        let aggregate = [0x18] + [UInt8]((0..<600).map { _ in [0, 1, 0x41] as [UInt8] }.joined())
        _ = try many.depacketize(Self.packet(1, 0, aggregate))
        #expect(throws: RTPPayloadError.tooManyNALUnits(limit: 1024)) {
            try many.depacketize(Self.packet(2, 0, aggregate))
        }
    }

    /// Parameter sets that never find a picture must not pile up.
    @Test func boundsWhatWaitsForAPicture() throws {
        var depacketizer = H264Depacketizer()
        var errors = 0
        for number in UInt16(0)..<3000 {
            do {
                _ = try depacketizer.depacketize(Self.packet(number, UInt32(number), marker: true, [0x67, 1]))
            } catch {
                #expect(error == .tooManyNALUnits(limit: 1024))
                errors += 1
            }
        }
        #expect(errors == 2)
    }

    @Test func damagedPacketsNeverTrap() {
        let seeds =
            Self.stream().map { $0.serialized() }
            + [Self.packet(9, 9000, marker: true, [0x18, 0, 2, 0x67, 1, 0, 3, 0x65, 0x88, 2]).serialized()]
        var depacketizer = H264Depacketizer(maxAccessUnitSize: 10_000)
        for bytes in Mutations(of: seeds, count: 8000) {
            guard let packet = try? RTPPacket(parsing: bytes) else { continue }
            for unit in (try? depacketizer.depacketize(packet)) ?? [] {
                #expect(unit.byteCount <= 10_000)
                #expect(unit.nalUnits.contains { H264NALType(of: $0)?.isVCL == true })
            }
        }
    }
}

import StreamProtocols
import Testing

@Suite struct H264PacketizerTests {
    static let pattern: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 7]

    static func pattern(_ count: Int) -> [UInt8] { [UInt8]((0..<count).map { _ in pattern }.joined()) }

    static func unit(_ nalUnits: [[UInt8]], timestamp: Int64 = 0) -> Sample {
        Sample(nalUnits: nalUnits.map { $0[...] }, presentationTime: timestamp, isRandomAccess: false)
    }

    static func packetizer(maxPayloadSize: Int = 1000) -> H264Packetizer {
        H264Packetizer(
            numbering: RTPNumbering(payloadType: 96, ssrc: 0x9DBB_7812, sequenceNumber: 17645, timestampOffset: 0),
            maxPayloadSize: maxPayloadSize)
    }

    struct Case: Sendable {
        var name: String
        var nalUnits: [[UInt8]]
        var payloads: [[UInt8]]
    }

    /// gortsplib pkg/format/rtph264/encoder_test.go, with a largest payload of 1000 bytes.
    static let cases = [
        Case(name: "single", nalUnits: [[0x05] + pattern(8)], payloads: [[0x05] + pattern(8)]),
        Case(
            name: "fragmented",
            nalUnits: [[0x05] + pattern(187)],
            payloads: [
                [0x1C, 0x85] + pattern(124) + [0, 1, 2, 3, 4, 5],
                [0x1C, 0x45, 6, 7] + pattern(62),
            ]
        ),
        Case(
            name: "fragmented to the limit",
            nalUnits: [[UInt8](repeating: 1, count: 1997)],
            payloads: [
                [0x1C, 0x81] + [UInt8](repeating: 1, count: 998), [0x1C, 0x41] + [UInt8](repeating: 1, count: 998),
            ]
        ),
        Case(
            name: "aggregated followed by single",
            nalUnits: [[0x09, 0xF0], [0x41, 0x9A, 0x24], [0x08] + pattern(124)],
            payloads: [[0x78 & 0x1F | 0x40, 0, 2, 0x09, 0xF0, 0, 3, 0x41, 0x9A, 0x24], [0x08] + pattern(124)]
        ),
        Case(
            name: "fragmented followed by aggregated",
            nalUnits: [[0x05] + pattern(187), [0x09, 0xF0], [0x09, 0xF0]],
            payloads: [
                [0x1C, 0x85] + pattern(124) + [0, 1, 2, 3, 4, 5],
                [0x1C, 0x45, 6, 7] + pattern(62),
                [0x18, 0, 2, 0x09, 0xF0, 0, 2, 0x09, 0xF0],
            ]
        ),
    ]

    @Test(arguments: cases) func packetizes(testCase: Case) {
        var packetizer = Self.packetizer()
        let packets = packetizer.packetize(Self.unit(testCase.nalUnits, timestamp: 3_600))
        #expect(packets.map { [UInt8]($0.payload) } == testCase.payloads)
        #expect(packets.map(\.sequenceNumber) == (0..<packets.count).map { 17645 + UInt16($0) })
        #expect(packets.map(\.marker) == packets.indices.map { $0 == packets.count - 1 })
        #expect(packets.allSatisfy { $0.timestamp == 3600 && $0.ssrc == 0x9DBB_7812 && $0.payloadType == 96 })
    }

    /// RFC 6184 §5.7.1: the NRI of an aggregate is the highest of its units; the F bit is set if any is.
    @Test func aggregatesCarryTheHighestImportance() {
        var packetizer = Self.packetizer()
        let packets = packetizer.packetize(Self.unit([[0x06, 1], [0x67, 2], [0x68, 3], [0x25, 4]]))
        #expect(packets.count == 1)
        #expect(packets.first?.payload.first == 0x78)
    }

    @Test func singleUnitsShareTheirStorage() {
        let nalUnit = [0x65] + Self.pattern(100)
        var packetizer = Self.packetizer()
        let packets = packetizer.packetize(Self.unit([nalUnit]))
        let isShared = nalUnit.withUnsafeBufferPointer { original in
            packets.first?.payload.withUnsafeBufferPointer { $0.baseAddress == original.baseAddress }
        }
        #expect(isShared == true)
    }

    @Test func ignoresEmptyUnits() {
        var packetizer = Self.packetizer()
        #expect(packetizer.packetize(Self.unit([])).isEmpty)
        #expect(packetizer.packetize(Self.unit([[]])).isEmpty)
        #expect(packetizer.packetize(Self.unit([[], [0x65, 1], []])).map { [UInt8]($0.payload) } == [[0x65, 1]])
    }

    @Test func wrapsSequenceNumberAndTimestamp() {
        var packetizer = H264Packetizer(
            numbering: RTPNumbering(ssrc: 1, sequenceNumber: .max, timestampOffset: .max), maxPayloadSize: 100)
        let packets = packetizer.packetize(Self.unit([[0x65] + Self.pattern(40)], timestamp: 1 << 32 | 5))
        #expect(packets.map(\.sequenceNumber) == [.max, 0, 1, 2])
        #expect(packets.allSatisfy { $0.timestamp == 4 })
        #expect(packetizer.numbering.nextSequenceNumber == 3)
        let negative = packetizer.packetize(Self.unit([[0x65, 1]], timestamp: -1))
        #expect(negative.first?.timestamp == UInt32.max - 1)
    }

    @Test func keepsThePayloadSizeInReason() {
        #expect(H264Packetizer(maxPayloadSize: -5).maxPayloadSize == 64)
        #expect(H264Packetizer(maxPayloadSize: .max).maxPayloadSize == 65_000)
        #expect(H264Packetizer().maxPayloadSize == 1400)
    }
}

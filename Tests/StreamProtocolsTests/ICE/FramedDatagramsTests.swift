import Testing

@testable import StreamProtocols

/// RFC 4571 §2.
@Suite struct FramedDatagramsTests {
    private static let bytes: [UInt8] = [0, 3, 1, 2, 3, 0, 0, 0, 1, 9, 0, 2, 7]

    @Test(arguments: 1...13) func datagramsAreTheSameHoweverTheyCome(_ pieceSize: Int) throws {
        var framed = FramedDatagrams(limit: 3)
        var datagrams: [[UInt8]] = []
        for start in stride(from: 0, to: Self.bytes.count, by: pieceSize) {
            framed.append(Self.bytes[start..<min(start + pieceSize, Self.bytes.count)])
            while let datagram = try framed.next() { datagrams.append(Array(datagram)) }
        }
        #expect(datagrams == [[1, 2, 3], [], [9]])
        #expect(framed.pendingByteCount == 3)
        framed.append([8])
        #expect(try framed.next() == [7, 8])
        #expect(try framed.next() == nil)
    }

    @Test func aLongerOneThanIsTakenIsRefusedBeforeItComes() throws {
        var framed = FramedDatagrams(limit: 2047)
        framed.append([0, 1, 5, 8, 0])
        #expect(try framed.next() == [5])
        #expect(throws: FramedDatagrams.TooLong(byteCount: 2048, limit: 2047)) { try framed.next() }
    }
}

import Testing

@testable import MediaServer

@Suite struct HTTPByteRangeTests {
    /// The examples of RFC 9110 §14.1.2 for 10 000 bytes, and its rules for what is malformed or out of range.
    @Test(arguments: [
        (nil, HTTPByteRange.whole),
        ("bytes=0-499", .part(0..<500)),
        ("bytes=500-999", .part(500..<1000)),
        ("bytes=-500", .part(9500..<10_000)),
        ("bytes=9500-", .part(9500..<10_000)),
        ("Bytes=0-0", .part(0..<1)),
        ("bytes=0-99999999999999999", .part(0..<10_000)),
        ("bytes=-20000", .part(0..<10_000)),
        ("bytes=10000-", .notSatisfiable),
        ("bytes=10000-10001", .notSatisfiable),
        ("bytes=-0", .notSatisfiable),
        ("bytes=0-0,-1", .whole),
        ("bytes=5-4", .whole),
        ("bytes=-", .whole),
        ("bytes=a-b", .whole),
        ("bytes=+1-2", .whole),
        ("bytes=99999999999999999999-", .whole),
        ("lines=0-1", .whole),
        ("", .whole),
    ])
    func reads(header: String?, expected: HTTPByteRange) {
        #expect(HTTPByteRange(header, bodyLength: 10_000) == expected)
    }

    @Test(arguments: ["bytes=0-", "bytes=-1", "bytes=0-0"])
    func anEmptyBodySatisfiesNothing(header: String) {
        #expect(HTTPByteRange(header, bodyLength: 0) == .notSatisfiable)
    }
}

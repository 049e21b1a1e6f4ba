/// Reads big-endian values from bytes that somebody else wrote: every read checks that enough is left.
struct ByteReader {
    /// What has not been read yet; it keeps the storage of the whole.
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func readUInt8() -> UInt8? { rest.popFirst() }

    mutating func readUInt16() -> UInt16? { read(2).map { UInt16(truncatingIfNeeded: $0) } }

    mutating func readUInt32() -> UInt32? { read(4).map { UInt32(truncatingIfNeeded: $0) } }

    mutating func readUInt64() -> UInt64? { read(8) }

    /// A signed 24-bit value.
    mutating func readInt24() -> Int32? {
        // The value is moved to the top and back so that its sign bit is copied down.
        read(3).map { Int32(bitPattern: UInt32(truncatingIfNeeded: $0) << 8) >> 8 }
    }

    mutating func readUInt24() -> UInt32? { read(3).map { UInt32(truncatingIfNeeded: $0) } }

    /// The next `count` bytes, which refer to the same storage.
    mutating func readBytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        let bytes = rest.prefix(count)
        rest = rest.dropFirst(count)
        return bytes
    }

    mutating func skip(_ count: Int) -> Bool { readBytes(count) != nil }

    private mutating func read(_ count: Int) -> UInt64? {
        readBytes(count)?.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Builds boxes of the ISO base media file format (ISO/IEC 14496-12 §4.2); a box's size is set when its body is
/// complete.
struct ISOBoxWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(bytes.count + count)
    }

    mutating func box(_ type: FourCharacterCode, _ body: (inout ISOBoxWriter) -> Void) {
        let start = bytes.count
        append(UInt32(0))
        append(type.rawValue)
        body(&self)
        let size = UInt32(clamping: bytes.count - start)
        for (index, shift) in [24, 16, 8, 0].enumerated() {
            bytes[start + index] = UInt8(truncatingIfNeeded: size >> UInt32(shift))
        }
    }

    /// A box with a version and flags.
    mutating func fullBox(
        _ type: FourCharacterCode,
        version: UInt8 = 0,
        flags: UInt32 = 0,
        _ body: (inout ISOBoxWriter) -> Void
    ) {
        box(type) { writer in
            writer.append(UInt32(version) << 24 | flags & 0x00FF_FFFF)
            body(&writer)
        }
    }

    mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
        bytes.appendBigEndian(value)
    }

    mutating func append(_ values: some Collection<UInt8>) {
        bytes.append(contentsOf: values)
    }

    mutating func appendZeros(_ count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    /// The unity transformation matrix of `mvhd` and `tkhd` (ISO/IEC 14496-12 §6.2.2).
    mutating func appendUnityMatrix() {
        for value: UInt32 in [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000] { append(value) }
    }
}

/// Four printable characters that name a box or a brand.
struct FourCharacterCode: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    let rawValue: UInt32

    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    init(stringLiteral value: StaticString) {
        rawValue = value.description.utf8.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}

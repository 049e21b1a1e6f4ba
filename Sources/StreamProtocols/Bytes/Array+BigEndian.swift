/// Integers in network byte order. SRTP has many of them in each packet, so that they are made for each type.
extension [UInt8] {
    @inlinable public init<Value: FixedWidthInteger & UnsignedInteger>(bigEndian value: Value) {
        self = []
        appendBigEndian(value)
    }

    @inlinable public mutating func appendBigEndian<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        var shift = Value.bitWidth
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: value >> Value(truncatingIfNeeded: shift)))
        }
    }

    /// The integer at a place that is known to be there.
    @inlinable public func bigEndian<Value: FixedWidthInteger & UnsignedInteger>(
        at offset: Int, as type: Value.Type = Value.self
    ) -> Value {
        var value: Value = 0
        for index in offset..<offset + Value.bitWidth / 8 {
            value = value << 8 | Value(truncatingIfNeeded: self[index])
        }
        return value
    }
}

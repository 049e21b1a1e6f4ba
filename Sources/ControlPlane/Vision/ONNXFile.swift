#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The outermost fields of an ONNX model: a message `ModelProto` of onnx.proto, in the encoding of protocol buffers.
///
/// Whether the network inside is one that detection knows is the worker's to say, which loads it.
enum ONNXFile {
    /// The version of the format (a number) and the network (a message).
    private static let (version, graph) = (1, 7)
    private static let fieldLimit = 10_000
    private static let headLimit = 20

    /// Whether a file is made of whole fields, with those that every model has. Reads the beginning of each. Blocks.
    static func isModel(_ file: FileDescriptor) throws -> Bool {
        let size = Int(try file.seek(offset: 0, from: .end))
        var found: Set<Int> = []
        var offset = 0
        for _ in 0..<fieldLimit {
            if offset == size { return found.isSuperset(of: [version, graph]) }
            let head = try unsafe [UInt8](unsafeUninitializedCapacity: headLimit) { buffer, count in
                count = try unsafe file.read(
                    fromAbsoluteOffset: Int64(offset), into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard let field = Field(head), field.length <= size - offset else { return false }
            if field.number == version || field.number == graph {
                guard field.isMessage == (field.number == graph) else { return false }
                found.insert(field.number)
            }
            offset += field.length
        }
        return false
    }

    private struct Field {
        var number: Int
        var isMessage = false
        /// With what stands before it, in bytes.
        var length: Int

        init?(_ head: [UInt8]) {
            var rest = head[...]
            guard let tag = Self.number(&rest), tag >> 3 > 0 else { return nil }
            number = tag >> 3
            switch tag & 7 {
            case 0:
                guard Self.number(&rest) != nil else { return nil }
                length = rest.startIndex
            case 1: length = rest.startIndex + 8
            case 2:
                guard let content = Self.number(&rest), (0..<1 << 32).contains(content) else { return nil }
                isMessage = true
                length = rest.startIndex + content
            case 5: length = rest.startIndex + 4
            // Groups, which onnx.proto has none of.
            default: return nil
            }
        }

        /// Seven bits a byte, the lowest first; the highest bit says that more follow.
        private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard let byte = bytes.popFirst() else { return nil }
                value |= UInt64(byte & 0x7f) << shift
                if byte & 0x80 == 0 { return Int(truncatingIfNeeded: value) }
            }
            return nil
        }
    }
}
